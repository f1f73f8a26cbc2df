package reply

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReplyAsText(t *testing.T) {
	r := Reply{Code: 550, Enhanced: "5.1.1", Lines: []string{"5.1.1 no such user", "5.1.1 here"}}
	if diff := cmp.Diff([]string{"550-5.1.1 no such user", "550 5.1.1 here"}, r.Raw()); diff != "" {
		t.Error(diff)
	}
	if r.Class() != 5 || r.String() != "550 5.1.1 no such user 5.1.1 here" || (Reply{Code: 250}).String() != "250" {
		t.Errorf("class %d, %q", r.Class(), r)
	}
}

// TestTheSixRows is the table of seeds/000 section 9.
func TestTheSixRows(t *testing.T) {
	for _, r := range []struct {
		success, fault bool
		code, row      int
		valid          bool
	}{
		{false, false, 0, 1, true},
		{false, false, 1, 1, true},
		{false, false, 550, 1, true},
		{true, false, 0, 2, true},
		{true, false, 1, 3, false},
		{true, false, 550, 3, false},
		{false, true, 2, 4, true},
		{false, true, 24, 4, true},
		{false, true, 550, 4, true},
		{false, true, 1001, 4, true},
		{false, true, 1999, 4, true},
		{false, true, 0, 5, false},
		{false, true, 1, 5, false},
		{false, true, 2000, 5, false},
		{false, true, 65535, 5, false},
		{true, true, 0, 6, false},
		{true, true, 550, 6, false},
	} {
		d := Diagnose(r.success, r.fault, r.code)
		if d.Row != r.row || d.Valid != r.valid || d.Title == "" || d.Meaning == "" || d.Advice == "" {
			t.Errorf("success %v, error %v, code %d: %+v", r.success, r.fault, r.code, d)
		}
		if !d.Valid && !strings.Contains(d.Advice, "cross reference") {
			t.Errorf("row %d doesn't say where to look", d.Row)
		}
	}
}

func TestEveryCodeHasAMeaning(t *testing.T) {
	for code := -1; code <= 2001; code++ {
		if text := Status(code); text == "" || strings.HasSuffix(text, ".") {
			t.Errorf("code %d: %q", code, text)
		}
		if d := Diagnose(false, true, code); d.Advice == "" {
			t.Errorf("code %d has no advice", code)
		}
	}
}

func TestTheAppendixIsKnown(t *testing.T) {
	for _, code := range []int{
		0, 1, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 1001, 200, 211, 214, 220, 221, 250, 251, 252, 253, 354, 355,
		421, 432, 450, 451, 452, 453, 454, 458, 459, 500, 501, 502, 503, 504, 521, 530, 534, 538, 550, 551, 552, 553, 554,
	} {
		if x := (Explainer{}).Ecom(code); x.General || len(x.Causes) == 0 || len(x.Fixes) == 0 {
			t.Errorf("code %d is explained by %s alone", code, x.Rule)
		}
	}
}
