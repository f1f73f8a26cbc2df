package catcher

import (
	"net/netip"
	"strings"
	"testing"
)

func TestParseFailure(t *testing.T) {
	for in, want := range map[string]Failure{
		"connect=drop":                  {Stage: Connect, Manner: Drop, Reply: "drop"},
		"connect=stall":                 {Stage: Connect, Manner: Stall, Reply: "stall"},
		"greeting=554 no mail here":     {Stage: Greeting, Reply: "554 no mail here"},
		"HELO=Stall":                    {Stage: Helo, Manner: Stall, Reply: "Stall"},
		" mail = reset ":                {Stage: Mail, Manner: Reset, Reply: " reset "},
		"rcpt=550 5.1.1 no such user":   {Stage: Rcpt, Reply: "550 5.1.1 no such user"},
		"rcpt:2=550 5.1.1 no such user": {Stage: Rcpt, Nth: 2, Reply: "550 5.1.1 no such user"},
		"4:3=drop":                      {Stage: Rcpt, Nth: 3, Manner: Drop, Reply: "drop"},
		"data=354 a=b":                  {Stage: Data, Reply: "354 a=b"},
		"subject=552-a\n552 b":          {Stage: Subject, Reply: "552-a\n552 b"},
		"1=reset":                       {Stage: Connect, Manner: Reset, Reply: "reset"},
		"2=220 hi":                      {Stage: Greeting, Reply: "220 hi"},
		"3=drop":                        {Stage: Mail, Manner: Drop, Reply: "drop"},
		"5=drop":                        {Stage: Data, Manner: Drop, Reply: "drop"},
		"6=drop":                        {Stage: Subject, Manner: Drop, Reply: "drop"},
		"7=drop":                        {Stage: Body, Manner: Drop, Reply: "drop"},
		"8=452 full":                    {Stage: End, Reply: "452 full"},
	} {
		if got, err := ParseFailure(in); err != nil || got != want {
			t.Errorf("ParseFailure(%q) = %+v, %v; want %+v", in, got, err, want)
		}
	}
}

func TestParseFailureSaysWhatIsWrong(t *testing.T) {
	for in, want := range map[string]string{
		"":                             "write STATE=REPLY",
		"mail":                         "write STATE=REPLY",
		"=550 no":                      "is no state",
		"9=550 no":                     "is no state",
		"0=550 no":                     "is no state",
		"quit=550 no":                  "write connect, greeting, helo, mail, rcpt, rcpt:2, data, subject, body, end",
		"mail:2=550 no":                "only rcpt takes a number",
		"rcpt:=550 no":                 "only rcpt takes a number",
		"rcpt:0=550 no":                "from 1 on",
		"rcpt:-1=550 no":               "from 1 on",
		"rcpt:two=550 no":              "only rcpt takes a number",
		"rcpt:2:3=550 no":              "only rcpt takes a number",
		"rcpt:99999999999999999999=no": "only rcpt takes a number",
		"mail=":                        "write a reply such as '550 no'",
		"mail= \t":                     "write a reply such as '550 no'",
		"connect=554 no":               `use connect=drop, connect=stall, or greeting="554 no"`,
	} {
		f, err := ParseFailure(in)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseFailure(%q) = %+v, %v; want %q", in, f, err, want)
		}
	}
}

func FuzzParseFailure(f *testing.F) {
	for _, s := range []string{"rcpt:2=550 no", "1=drop", "connect=\n", "=", "mail=stall", "HELO:=x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := ParseFailure(s)
		if err != nil {
			if strings.ContainsAny(err.Error(), "\r\n\x00\x1b") {
				t.Errorf("the message isn't one harmless line: %q", err)
			}
			return
		}
		if got.Nth < 0 || got.Nth > 0 && got.Stage != Rcpt || got.Manner == Answer && got.Stage == Connect {
			t.Errorf("%q gives %+v", s, got)
		}
		if _, fires := (Script{got}).at(got.Stage, max(1, got.Nth), nil); !fires {
			t.Errorf("%q gives %+v, which never fires", s, got)
		}
	})
}

func TestUnusedFailuresAreKnown(t *testing.T) {
	n := &Network{Script: Script{{Stage: Rcpt, Nth: 2, Manner: Drop}, {Stage: Greeting, Reply: "421 busy"}}}
	n.Dial(netip.MustParseAddrPort("192.0.2.1:25"))
	left := n.Unused()
	if len(left) != 1 || left[0].String() != "rcpt:2=drop" {
		t.Errorf("unused: %v", left)
	}
	for _, f := range n.Script {
		if back, err := ParseFailure(f.String()); err != nil || back.Stage != f.Stage || back.Nth != f.Nth || back.Manner != f.Manner {
			t.Errorf("%s reads back as %+v, %v", f, back, err)
		}
	}
}
