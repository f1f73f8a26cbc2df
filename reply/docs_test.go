package reply

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/codes.md anew")

const codesFile = "../docs/codes.md"

// TestTheDocsAreUpToDate: docs/codes.md is made of the data, by
// go test ./reply -run Docs -update.
func TestTheDocsAreUpToDate(t *testing.T) {
	want := codesPage()
	if *update {
		if err := os.WriteFile(codesFile, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(codesFile)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("docs/codes.md is out of date: run go test ./reply -run Docs -update")
	}
}

// codesPage is the knowledge base as a page.
func codesPage() string {
	var w strings.Builder
	w.WriteString("# Codes\n\nEvery code that `rungmail explain` knows, made of its data; don't edit this page. Facts with a date are shown as before that day, with the day beside them.\n")
	titles := map[string]string{
		"basic": "Reply codes of mail servers", "enhanced": "Enhanced status codes, X for the class", "ecom": "Status codes of the ECOM100",
		"device": "Codes and messages of devices", "provider": "Refusals known by their words", "network": "Errors below SMTP",
	}
	for _, kind := range kinds {
		fmt.Fprintf(&w, "\n## %s\n", titles[kind])
		for _, e := range entriesOf(kind) {
			e.page(&w)
		}
	}
	w.WriteString("\n## The same in other makers' words\n\n| what | ECOM100 | Siemens CP | Schneider | Rockwell MSG | in ladder |\n|---|---|---|---|---|---|\n")
	for _, r := range crossMap {
		fmt.Fprintf(&w, "| %s: %s | %s | %s | %s | %s | %s |\n", r.family, r.meaning, r.ecom, r.siemens, r.schneider, r.rockwell, r.state)
	}
	return w.String()
}

func (n *entry) page(w *strings.Builder) {
	fmt.Fprintf(w, "\n### %s: %s\n\n%s Try again: %s.\n\n", n.id, n.title, n.meaning, n.retry)
	for _, c := range n.causes {
		fmt.Fprintf(w, "- cause: %s\n", c)
	}
	for _, f := range n.fixes {
		fmt.Fprintf(w, "- fix (%s): %s\n", f.Owner, f.Text)
	}
	for _, d := range n.later {
		fmt.Fprintf(w, "- from %s on: %s\n", d.from, d.meaning)
		for _, c := range d.causes {
			fmt.Fprintf(w, "  - cause: %s\n", c)
		}
		for _, f := range d.fixes {
			fmt.Fprintf(w, "  - fix (%s): %s\n", f.Owner, f.Text)
		}
	}
	fmt.Fprintf(w, "\nSources: %s.\n", strings.Join(n.sources, "; "))
}
