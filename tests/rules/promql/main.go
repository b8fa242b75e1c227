// Answers each JSON string of standard input, one a line, with the type that Prometheus' parser finds, or its error.
//
// fixtures/promql.json holds its answers: go mod init promql && go get github.com/prometheus/prometheus@v0.305.0 && go run .
package main

import (
	"bufio"
	"encoding/json"
	"os"

	"github.com/prometheus/prometheus/promql/parser"
)

type answer struct {
	Query string `json:"query"`
	Type  string `json:"type,omitempty"`
	Error string `json:"error,omitempty"`
}

func main() {
	parser.EnableExperimentalFunctions = true
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(make([]byte, 1<<20), 1<<20)
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	for in.Scan() {
		var query string
		if err := json.Unmarshal(in.Bytes(), &query); err != nil {
			panic(err)
		}
		a := answer{Query: query}
		expr, err := parser.ParseExpr(query)
		if err != nil {
			a.Error = err.Error()
		} else {
			a.Type = string(expr.Type())
		}
		out.Encode(a)
	}
}
