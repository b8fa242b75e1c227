// Answers each JSON string of standard input, one a line, with what time.ParseDuration says of it.
package main

import (
	"bufio"
	"encoding/json"
	"os"
	"time"
)

type answer struct {
	Text    string  `json:"text"`
	Seconds float64 `json:"seconds"`
	Error   string  `json:"error"`
}

func main() {
	texts := bufio.NewScanner(os.Stdin)
	answers := json.NewEncoder(os.Stdout)
	for texts.Scan() {
		var text string
		if err := json.Unmarshal(texts.Bytes(), &text); err != nil {
			panic(err)
		}
		found := answer{Text: text}
		duration, err := time.ParseDuration(text)
		if err != nil {
			found.Error = err.Error()
		} else {
			found.Seconds = duration.Seconds()
		}
		if err := answers.Encode(found); err != nil {
			panic(err)
		}
	}
}
