package reply

import (
	"slices"
	"strings"
	"testing"
)

// TestASuccessIsNoRefusal: words of refusal in a greeting, a feature list or a
// success say nothing.
func TestASuccessIsNoRefusal(t *testing.T) {
	for _, line := range []string{
		"250 Ok, message saved <Message-ID: >",
		"Wed Mar 01 10:48:31 2006 192.168.12.86: State: 0x8 Received data: 250 Ok, message saved <Message-ID: >",
		"250-mail.example.com\n250-PIPELINING\n250-SIZE 10240000\n250-STARTTLS\n250-ENHANCEDSTATUSCODES\n250-8BITMIME\n250 SMTPUTF8",
		"220-server.example.com ESMTP Exim 4.96\n220-We do not authorize the use of this system to transport unsolicited,\n220 and/or bulk e-mail.",
		"220 mx.example.com ESMTP; no UCE/UBE, no spam", "220 mx.spamhaus.org ESMTP", "354 End data with <CR><LF>.<CR><LF>",
		"to=<virus-alarm@example.com>, relay=mx[192.0.2.1]:25, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4BxY)",
		"250 2.0.0 message queued; greylisted sender", "250 2.1.5 <blocked@example.com> Recipient ok",
		"250 2.0.0 Ok: queued as 4BxY for rejected-parts@example.com",
	} {
		x := Explain(line)
		if x.Retry != RetryNone || x.Contradiction != "" || !strings.HasPrefix(x.Rule, "basic/") && !strings.HasPrefix(x.Rule, "enhanced/") {
			t.Errorf("%q is explained by %s, retry %s, %s", line, x.Rule, x.Retry, x.Contradiction)
		}
	}
	for _, line := range []string{"250 Accepted, but mailbox full", "550 OK queued", "554 Message accepted for delivery"} {
		if x := Explain(line); x.Contradiction == "" {
			t.Errorf("%q is fine", line)
		}
	}
}

// TestNamesDecideNothing: trigger words in addresses and host names.
func TestNamesDecideNothing(t *testing.T) {
	for line, want := range map[string]string{
		"550 5.1.1 <plc@barracuda-pumps.example>: User unknown":                                               "generic/user-unknown",
		"550 5.1.1 <alarm@dkim.example> no such user":                                                         "generic/user-unknown",
		"451 4.3.0 <virusscan@example.com>: Temporary lookup failure":                                         "451 4.3.0 Temporary lookup failure",
		"to=<a@spf-systems.example>, relay=mx[192.0.2.1]:25, status=bounced (552 5.2.2 Mailbox full)":         "generic/mailbox-full",
		"to=<a@b.example>, relay=mx.spamcop-user.example[192.0.2.1]:25, said: 550 5.1.1 User unknown":         "generic/user-unknown",
		"550 5.1.1 <dkim.spf.dmarc.virus.spam@greylisting.example>: Recipient address rejected: User unknown": "550 5.1.1 : Recipient address rejected: User unknown",
	} {
		if !strings.Contains(want, "/") {
			want = Explain(want).Rule
		}
		if got := Explain(line).Rule; got != want {
			t.Errorf("%q is explained by %s, want %s", line, got, want)
		}
	}
	// in every golden reply, an address full of trigger words changes nothing
	for _, s := range samples(t, "golden.txt") {
		code, text, ok := strings.Cut(s.line, " ")
		if !ok || strings.Contains(s.line, "\n") || len(code) != 3 || strings.Contains(s.rule, "text-gateway") {
			continue
		}
		line := code + " " + text + " <dkim.spf.dmarc-virus@blocked-spamhaus.barracuda.greylist.example>"
		if got := Explain(line).Rule; got != s.rule {
			t.Errorf("%q is explained by %s, want %s", line, got, s.rule)
		}
	}
}

// TestNumbersOfLogs are no codes.
func TestNumbersOfLogs(t *testing.T) {
	for line, want := range map[string]string{
		"gw postfix/smtp[452]: connect to 10.0.0.1[10.0.0.1]:25: Connection refused": "tcp/refused",
		"Nov 21 06:00:00 gw postfix/smtp[421]: host mx said: 550 User unknown":       "generic/user-unknown",
		"exim[550]: SMTP error from remote mail server: 421 try later":               "421 try later",
	} {
		if !strings.Contains(want, "/") {
			want = Explain(want).Rule
		}
		if got := Explain(line).Rule; got != want {
			t.Errorf("%q is explained by %s, want %s", line, got, want)
		}
	}
	for _, line := range []string{
		"ssmtp: Cannot open smtp.office365.com:587", "Couldn't connect to host, port: smtp.example.com, 587; timeout -1",
		"error:1408F10B:SSL routines:ssl3_get_record:wrong version number:ssl3_record.c:332:",
	} {
		if x := Explain(line); x.Code != 0 {
			t.Errorf("%q has the code %d, by %s", line, x.Code, x.Rule)
		}
	}
}

// TestVendorCodesWithoutWords are known by their numbers.
func TestVendorCodesWithoutWords(t *testing.T) {
	for line, want := range map[string]string{
		"535 5.7.3": "m365/", "554 5.2.2": "m365/sent-items-full", "432 4.3.2": "m365/concurrent-connections", "550 5.7.60": "m365/", "550 5.7.68": "m365/",
	} {
		if x := Explain(line); !strings.HasPrefix(x.Rule, want) || x.Confidence != Medium {
			t.Errorf("%q is explained by %s, %s", line, x.Rule, x.Confidence)
		}
	}
	for _, r := range vendorRanges {
		if tables().rules[r.rule] == nil {
			t.Errorf("there is no rule %s", r.rule)
		}
	}
	for _, id := range vendorPairs {
		if tables().rules[id] == nil {
			t.Errorf("there is no rule %s", id)
		}
	}
	if x := Explain("550 5.99.9"); x.Rule != "basic/550" || !strings.Contains(x.Meaning, "5.99.9 isn't registered") {
		t.Errorf("an unregistered code: %s, %s", x.Rule, x.Meaning)
	}
}

// TestEachClassReadsAsItShould: a success, for now, for good.
func TestEachClassReadsAsItShould(t *testing.T) {
	for _, key := range registeredEnhanced {
		two, four, five := Explain("2."+key), Explain("4."+key), Explain("5."+key)
		if two.Retry != RetryNone || two.Class != "success" || !strings.HasPrefix(two.Meaning, "The server did what was asked") {
			t.Errorf("2.%s: %+v", key, two)
		}
		if four.Retry != RetryLater || four.Class != "temporary" || !strings.HasPrefix(four.Meaning, "This holds for now only. ") {
			t.Errorf("4.%s: %+v", key, four)
		}
		if five.Class != "permanent" || five.Retry == RetryNone || strings.HasPrefix(five.Meaning, "This holds") {
			t.Errorf("5.%s: %+v", key, five)
		}
	}
}

func TestOnlyDigitsIsGeneral(t *testing.T) {
	for code, second := range map[string]string{"299": "", "449": "", "551 text": "-", "599": "", "527": ""} {
		x := Explain(code)
		if general := second != "-"; x.General != general || general && x.Confidence != Low {
			t.Errorf("%s: general %v, %s", code, x.General, x.Confidence)
		}
	}
	if x := Explain("529"); !strings.Contains(x.Meaning, secondDigit[2]) {
		t.Errorf("529 says nothing of its second digit: %s", x.Meaning)
	}
	if x := Explain("150"); !strings.Contains(x.Meaning, firstDigit[1]) {
		t.Errorf("150 says nothing of its first digit: %s", x.Meaning)
	}
}

func TestHowSure(t *testing.T) {
	for line, want := range map[string]Confidence{
		"550 5.7.1 relaying denied": High, "relaying denied": Medium, "5.7.1": Medium, "550": Low, "354": Medium, "599": Low, "24": High, "71": Medium,
	} {
		if x := Explain(line); x.Confidence != want {
			t.Errorf("%q is sure to the degree %s, by %s; want %s", line, x.Confidence, x.Rule, want)
		}
	}
}

func TestTheOtherReadingOfADeviceNumber(t *testing.T) {
	for number, want := range map[string][]string{"71": {"ecom/internal"}, "140": {"ecom/server"}, "20": {"oki/020"}} {
		x := Explain(number)
		for _, id := range want {
			if x.Rule != id && !slices.Contains(x.SeeAlso, id) && slices.ContainsFunc(everything(), func(e *entry) bool { return e.id == id }) {
				t.Errorf("%s is explained by %s and names %v, not %s", number, x.Rule, x.SeeAlso, id)
			}
		}
	}
}

func TestDevicesByOtherNames(t *testing.T) {
	for _, r := range [][2]string{{"okidata", "71"}, {"oki", "error code: 71"}, {"Oki", "071"}} {
		if x, err := (Explainer{}).Device(r[0], r[1]); err != nil || x.Rule != "oki/71" {
			t.Errorf("%s %s: %s, %v", r[0], r[1], x.Rule, err)
		}
	}
}

func TestOnlyTheBeginningOfAMegabyteCounts(t *testing.T) {
	if x := Explain(strings.Repeat("x", maxLine) + " 550 5.1.1 user unknown"); x.Code != 0 {
		t.Errorf("a code far behind is read: %d", x.Code)
	}
	if x := Explain("delivered after 450 ms"); x.Rule != "none" && x.Code == 450 && x.Confidence != Low {
		t.Errorf("450 ms is explained by %s", x.Rule)
	}
}
