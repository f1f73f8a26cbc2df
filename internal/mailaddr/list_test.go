package mailaddr

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseList(t *testing.T) {
	for _, tc := range []struct {
		in   string
		want []string
	}{
		{"", nil},
		{" \t ", nil},
		{"a@b", []string{"a@b"}},
		{"a@b,c@d", []string{"a@b", "c@d"}},
		{"  a@b ,\t c@d  ", []string{"a@b", "c@d"}},
		{`"a, b"@c, "d\",e"@f`, []string{`"a, b"@c`, `"d\",e"@f`}},
		{"a@b, a@b", []string{"a@b", "a@b"}},
	} {
		list, err := ParseList(tc.in)
		if err != nil {
			t.Errorf("ParseList(%q): %v", tc.in, err)
			continue
		}
		var got []string
		for _, a := range list {
			got = append(got, a.String())
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("ParseList(%q): (-want +got)\n%s", tc.in, diff)
		}
		if want := strings.Join(tc.want, ", "); Join(list) != want {
			t.Errorf("Join: got %q; want %q", Join(list), want)
		}
	}
}

func TestParseListRefuses(t *testing.T) {
	for _, tc := range []struct {
		in              string
		element, offset int
	}{
		{",", 1, 0},
		{"a@b,", 2, 4},
		{"a@b, ", 2, 5},
		{",a@b", 1, 0},
		{"a@b,,c@d", 2, 4},
		{"a@b, ,c@d", 2, 5},
		{"a@b, c d@e", 2, 6},
		{"a@b, c@d\r\n", 2, 8},
		{"a@b\n,c@d", 1, 3},
		{`a@b, "c, d@e`, 2, 12},
		{"a@b; c@d", 1, 3},
		{`a@b, c@d, "e\`, 3, 12},
	} {
		_, err := ParseList(tc.in)
		var pe *ParseError
		if !errors.As(err, &pe) {
			t.Errorf("ParseList(%q): got %v; want a *ParseError", tc.in, err)
			continue
		}
		if pe.Element != tc.element || pe.Offset != tc.offset {
			t.Errorf("ParseList(%q): got %v; want element %d at %d", tc.in, err, tc.element, tc.offset)
		}
	}
}
