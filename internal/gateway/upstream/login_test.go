package upstream

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/rungmail/rungmail/internal/secret"
)

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// TestLogins: what each mechanism says, by its own standard.
func TestLogins(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("token", 400)
	for _, r := range []struct {
		name    string
		login   Mechanism
		secret  string
		answers []string // of the server to AUTH and what follows
		want    []string // what it hears
	}{
		{"plain", LoginPlain, "hunter2", []string{"235 ok"}, []string{"AUTH PLAIN " + b64("\x00plant\x00hunter2")}},
		{
			"plain, too long for the command", LoginPlain, strings.Repeat("x", 600),
			[]string{"334 ", "235 ok"},
			[]string{"AUTH PLAIN", b64("\x00plant\x00" + strings.Repeat("x", 600))},
		},
		{
			"login", LoginLogin, "hunter2",
			[]string{"334 " + b64("Username:"), "334 " + b64("Password:"), "235 ok"},
			[]string{"AUTH LOGIN", b64("plant"), b64("hunter2")},
		},
		{
			"login in other words", LoginLogin, "hunter2",
			[]string{"334 who?", "334 Kennwort", "235 ok"},
			[]string{"AUTH LOGIN", b64("plant"), b64("hunter2")},
		},
		{ // RFC 2195 section 2
			"cram-md5", LoginCRAM, "tanstaaftanstaaf",
			[]string{"334 PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+", "235 ok"},
			[]string{"AUTH CRAM-MD5", "dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw"},
		},
		{"xoauth2", LoginXOAUTH2, "tok", []string{"235 ok"}, []string{"AUTH XOAUTH2 " + b64("user=plant\x01auth=Bearer tok\x01\x01")}},
		{
			"xoauth2 with a token as long as Microsoft's", LoginXOAUTH2, long,
			[]string{"334 ", "235 ok"},
			[]string{"AUTH XOAUTH2", b64("user=plant\x01auth=Bearer " + long + "\x01\x01")},
		},
	} {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			h, _ := loginHost(r.answers)
			c := config()
			c.Login, c.User, c.Password, c.Token = r.login, "plant", password(r.secret), &tokens{r.secret}
			if r.login == LoginCRAM {
				c.User = "tim"
			}
			res, err := h.pool(t, c).Send(t.Context(), note(t))
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Split(h.said(), "\n")[1 : 1+len(r.want)]
			if fmt.Sprint(got) != fmt.Sprint(r.want) {
				t.Errorf("got %.300q; want %.300q", got, r.want)
			}
			for _, e := range res.Events {
				for _, line := range r.want {
					if _, arg, _ := strings.Cut(strings.TrimPrefix(line, "AUTH "), " "); arg != "" && strings.Contains(e.Text, arg) || strings.Contains(e.Text, r.secret) {
						t.Errorf("the secret is in event %.200q", e.Text)
					}
				}
			}
		})
	}
}

// tokens gives the texts one after the other, the next when a fresh one is wanted.
type tokens struct{ text string }

func (k *tokens) Token(_ context.Context, fresh bool) (secret.Text, error) {
	if fresh {
		_, k.text, _ = strings.Cut(k.text, " ")
	}
	text, _, _ := strings.Cut(k.text, " ")
	return secret.New(text), nil
}

// loginHost answers AUTH, and the lines after it, as told.
func loginHost(answers []string) (h *host, left func() int) {
	h = &host{offers: "AUTH_PLAIN_LOGIN_CRAM-MD5_XOAUTH2"}
	n := 0
	h.then = func(_ *host, verb, line string) (string, bool) {
		if verb == "AUTH" || verb != "greeting" && n > 0 && n < len(answers) && verb == strings.ToUpper(line) && verb != "QUIT" {
			n++
			return answers[n-1] + "\r\n", true
		}
		return "", false
	}
	return h, func() int { return len(answers) - n }
}

// TestXOAUTH2SaysWhatIsWrong: the challenge gets an empty line, the code comes then,
// and a fresh token gets one try.
func TestXOAUTH2SaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	why := "334 " + b64(`{"status":"400","schemes":"Bearer","scope":"https://mail.google.com/"}`)
	refusal := []string{why, "535 5.7.8 not accepted"}
	for _, r := range []struct {
		name    string
		answers []string
		tokens  string
		code    int
		asked   int // how often
	}{
		{"the fresh one is good", append(refusal[:2:2], "235 ok"), "old new", 0, 2},
		{"the fresh one isn't either", append(refusal[:2:2], refusal...), "old new", 535, 2},
		{"refused for another reason", []string{why, "454 4.7.0 try later"}, "old new", 454, 1},
	} {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			h, left := loginHost(r.answers)
			c := config()
			c.Login, c.User, c.Token = LoginXOAUTH2, "plant", &tokens{r.tokens}
			res, err := h.pool(t, c).Send(t.Context(), note(t))
			if r.code == 0 && err != nil || r.code != 0 && (fault(t, err).Reply.Code != r.code || fault(t, err).Login != (r.code == 535)) {
				t.Errorf("got %+v", err)
			}
			if got := strings.Count(h.said(), "AUTH XOAUTH2"); got != r.asked || left() != 0 {
				t.Errorf("asked %d times; %d answers left", got, left())
			}
			if !strings.Contains(fmt.Sprint(res.Events), `"status":"400"`) {
				t.Errorf("what is wrong isn't in %v", res.Events)
			}
		})
	}
}

// TestASecretThatTheServerRepeats stays hidden.
func TestASecretThatTheServerRepeats(t *testing.T) {
	t.Parallel()
	h, _ := loginHost([]string{"535 5.7.8 " + b64("\x00plant\x00hunter2") + " is wrong, hunter2 too"})
	c := config()
	c.Login, c.User, c.Password = LoginPlain, "plant", password("hunter2")
	res, err := h.pool(t, c).Send(t.Context(), note(t))
	e := fault(t, err)
	if !e.Login || e.Message || !e.Permanent {
		t.Errorf("got %+v", e)
	}
	if text := err.Error() + res.Final.String(); strings.Contains(text, "hunter2") || strings.Contains(text, b64("\x00plant\x00hunter2")) {
		t.Errorf("got %s", text)
	}
	quietEvents(t, res)
}

// TestLoginsThatGoNoFurther: each is the upstream's fault.
func TestLoginsThatGoNoFurther(t *testing.T) {
	t.Parallel()
	for _, r := range []struct {
		name    string
		login   Mechanism
		answers []string
		want    string
		refused bool
	}{
		{"questions without an end", LoginLogin, []string{"334 ", "334 ", "334 ", "334 ", "334 "}, "doesn't fit", false},
		{"plain with a question", LoginPlain, []string{"334 eA==", "235 ok"}, "unexpected server challenge", false},
		{"cram-md5 of nothing", LoginCRAM, []string{"334 ", "235 ok"}, "doesn't fit", false},
		{"cram-md5 of no base64", LoginCRAM, []string{"334 ?!", "235 ok"}, "doesn't fit", false},
		{"too weak", LoginPlain, []string{"534 5.7.9 app password needed"}, "534 5.7.9", true},
		{"not so", LoginPlain, []string{"504 5.5.4 no"}, "504", true},
		{"not now", LoginPlain, []string{"454 4.7.0 later"}, "454", false},
		{"out of step", LoginPlain, []string{"354 go on"}, "out of step", false},
	} {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			h, _ := loginHost(r.answers)
			c := config()
			c.Login, c.User, c.Password = r.login, "plant", password("hunter2")
			_, err := h.pool(t, c).Send(t.Context(), note(t))
			if e := fault(t, err); e.Step != StepLogin || e.Login != r.refused || e.Message || !strings.Contains(err.Error(), r.want) {
				t.Errorf("got %+v", e)
			}
			if strings.Contains(h.said(), "MAIL") {
				t.Error("it went on")
			}
		})
	}
}

func TestLoginThatIsNotOffered(t *testing.T) {
	t.Parallel()
	h := &host{offers: "AUTH_GSSAPI AUTH=NTLM"}
	c := config()
	c.Login, c.User, c.Password = LoginPlain, "plant", password("hunter2")
	_, err := h.pool(t, c).Send(t.Context(), note(t))
	if got, want := err.Error(), "it is PLAIN, and the server offers GSSAPI, NTLM"; !strings.HasSuffix(got, want) {
		t.Errorf("got %q; want %q", got, want)
	}
	if strings.Contains(h.said(), "AUTH") {
		t.Errorf("it heard\n%s", h.said())
	}
}

// TestSecretsWithControlCharacters could end one field and begin the next.
func TestSecretsWithControlCharacters(t *testing.T) {
	t.Parallel()
	for _, m := range []Mechanism{LoginPlain, LoginLogin, LoginCRAM, LoginXOAUTH2} {
		for _, s := range []string{"a\x00b", "a\x01b", "a\r\nQUIT"} {
			if _, err := newMechanism(m, "plant", secret.New(s)); err == nil {
				t.Errorf("%s takes %q", m, s)
			}
		}
	}
}

func TestAPasswordThatCannotBeRead(t *testing.T) {
	t.Parallel()
	h, _ := loginHost(nil)
	c := config()
	c.Login, c.User, c.Password = LoginPlain, "plant", func() (secret.Text, error) { return secret.Text{}, errTest }
	_, err := h.pool(t, c).Send(t.Context(), note(t))
	if e := fault(t, err); e.Err != errTest || e.Login || e.Message {
		t.Errorf("got %+v", e)
	}
}
