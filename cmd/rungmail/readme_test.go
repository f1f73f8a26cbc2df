package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestTheReadmesPictureIsTrue: what README.md shows is what the command prints,
// but for the time.
func TestTheReadmesPictureIsTrue(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(readme), "```\n$ bin/rungmail ")
	_, want, _ := strings.Cut(rest, "\n")
	want, _, ok := strings.Cut(want, "```\n")
	if !ok {
		t.Fatal("README.md has no picture")
	}
	var out, errs strings.Builder
	code := run(t.Context(), []string{
		"try", "../../examples/widget-report.rll", "--set", "V3000=2", "--set", "V3001=57555",
		"--fail", "rcpt=550 5.1.1 no such user", "--show", "C0,C1,V1401",
	}, streams{strings.NewReader(""), &out, &errs})
	if code != exitNo || errs.String() != "" {
		t.Errorf("exit status %d, %s", code, errs.String())
	}
	stamp := regexp.MustCompile(`\w{3} \w{3} \d\d \d\d:\d\d:\d\d \d{4} `)
	if diff := cmp.Diff(stamp.ReplaceAllString(want, ""), stamp.ReplaceAllString(out.String(), "")); diff != "" {
		t.Error(diff)
	}
}
