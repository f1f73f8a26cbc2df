package plant

import (
	"errors"
	"strings"
	"testing"
)

func FuzzParse(f *testing.F) {
	f.Add(sample)
	f.Add(minimal)
	f.Add(Template())
	f.Add("\uFEFFrack = [[1, {a.b = 2}], 1979-05-27]\r\n[x.y]\n[x]\n")
	f.Add("[[rack.module]]\nslot = 99999999999999999999")
	f.Add("a = [\"\xff\"]")
	f.Add("a.b.c = 1\n[a.b]\n[[a]]\n")
	f.Fuzz(func(t *testing.T, text string) {
		file, err := Parse("p.toml", []byte(text))
		if err == nil {
			judgeGood(t, file)
			return
		}
		var faults Errors
		if file != nil || !errors.As(err, &faults) || len(faults) == 0 {
			t.Fatalf("file %v with error %#v", file, err)
		}
		lines := strings.Split(strings.TrimPrefix(text, "\uFEFF"), "\n")
		for i, fault := range faults {
			if fault.Line < 1 || fault.Column < 1 || fault.Line > len(lines) || fault.File != "p.toml" {
				t.Errorf("no such place: %v", fault)
			} else if fault.Column > len(lines[fault.Line-1])+1 {
				t.Errorf("past the end of its line: %v", fault)
			}
			if fault.Text == "" || strings.ContainsAny(fault.Text, "\r\n") {
				t.Errorf("not a line of text: %q", fault.Text)
			}
			if i > 0 && fault.Line < faults[i-1].Line {
				t.Errorf("%v comes after %v", fault, faults[i-1])
			}
		}
	})
}

// judgeGood holds a file that was taken against the bounds in the types' comments.
func judgeGood(t *testing.T, f *File) {
	for _, r := range f.Racks {
		b, ok := baseOf(r.CPU)
		if !ok || r.Name == "" || r.Title == "" || r.Firmware == "" || r.Scan <= 0 {
			t.Errorf("rack not whole: %+v", r)
		}
		for _, m := range r.Modules {
			if b.refuses(m.Slot) != "" || m.Type != b.module || m.Firmware == "" || m.MAC == (MAC{}) ||
				!m.Bind.IsValid() || !m.IP.Is4() || !m.Subnet.Is4() || !m.Gateway.Is4() || !m.Email.Server.Is4() ||
				m.Email.Port < 1 || m.Email.Port > 65535 || m.Email.Timeout <= 0 {
				t.Errorf("module not whole: %+v", m)
			}
		}
	}
	if d := Diff(f, f); len(d) > 0 {
		t.Errorf("a file differs from itself: %v", d)
	}
}
