// Answers each JSON string of standard input, one a line, with the text that Flagger renders, or its error.
//
// fixtures/rendered-queries.json holds its answers:
// go mod init queries && go get github.com/fluxcd/flagger@v1.44.0 && go run . < queries.jsonl | jq -s .
package main

import (
	"bufio"
	"encoding/json"
	"os"

	flaggerv1 "github.com/fluxcd/flagger/pkg/apis/flagger/v1beta1"
	"github.com/fluxcd/flagger/pkg/metrics/observers"
)

type answer struct {
	Query string  `json:"query"`
	Text  *string `json:"text,omitempty"`
	Error string  `json:"error,omitempty"`
}

func main() {
	model := flaggerv1.MetricTemplateModel{
		Name: "web", Namespace: "production", Target: "web", Service: "shop", Ingress: "edge", Route: "web",
		Interval: "1m", Variables: map[string]string{"code": "5..", "empty": "", "path": "/pay"},
	}
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
		if text, err := observers.RenderQuery(query, model); err != nil {
			a.Error = err.Error()
		} else {
			a.Text = &text
		}
		out.Encode(a)
	}
}
