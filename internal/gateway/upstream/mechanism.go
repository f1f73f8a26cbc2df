package upstream

import (
	"crypto/hmac"
	"crypto/md5" //nolint:gosec // CRAM-MD5 is made of it (RFC 2195)
	"encoding/hex"
	"errors"
	"strings"

	"github.com/emersion/go-sasl"

	"github.com/rungmail/rungmail/internal/secret"
)

// errUnsafe is of a user or a secret that could end its field and begin another.
var errUnsafe = errors.New("a control character in the user's name or the secret: correct the plant file or the secret's file")

// errChallenge is of a server that asks what the mechanism doesn't know.
var errChallenge = errors.New("the server's challenge doesn't fit the mechanism")

// newMechanism is the client's side of a mechanism.
func newMechanism(m Mechanism, user string, s secret.Text) (sasl.Client, error) {
	if strings.ContainsFunc(user+s.Reveal(), func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return nil, errUnsafe
	}
	switch m {
	case LoginPlain:
		return sasl.NewPlainClient("", user, s.Reveal()), nil
	case LoginLogin:
		return &loginClient{answers: []string{user, s.Reveal()}}, nil
	case LoginCRAM:
		return &cramClient{user: user, secret: s}, nil
	case LoginXOAUTH2:
		return &xoauth2Client{user: user, token: s}, nil
	case NoLogin:
	}
	return nil, errors.New("no such mechanism: use plain, login, cram-md5 or xoauth2")
}

// loginClient is LOGIN. It doesn't look at the questions: servers ask for user and
// password in words of their own, and always in this order.
type loginClient struct{ answers []string }

// Start begins it, without an initial response: old servers don't know that.
func (*loginClient) Start() (mech string, ir []byte, err error) { return "LOGIN", nil, nil }

// Next answers with the user, then with the password.
func (c *loginClient) Next([]byte) ([]byte, error) {
	if len(c.answers) == 0 {
		return nil, errChallenge
	}
	answer := c.answers[0]
	c.answers = c.answers[1:]
	return []byte(answer), nil
}

// cramClient is CRAM-MD5 (RFC 2195).
type cramClient struct {
	user   string
	secret secret.Text
}

// Start begins it.
func (*cramClient) Start() (mech string, ir []byte, err error) { return "CRAM-MD5", nil, nil }

// Next answers the challenge with user and digest.
func (c *cramClient) Next(challenge []byte) ([]byte, error) {
	if len(challenge) == 0 {
		return nil, errChallenge // a digest of nothing could be used again elsewhere
	}
	mac := hmac.New(md5.New, []byte(c.secret.Reveal()))
	mac.Write(challenge)
	return []byte(c.user + " " + hex.EncodeToString(mac.Sum(nil))), nil
}

// xoauth2Client is XOAUTH2, as Google and Microsoft have it.
type xoauth2Client struct {
	user  string
	token secret.Text
}

// Start gives user and token.
func (c *xoauth2Client) Start() (mech string, ir []byte, err error) {
	return "XOAUTH2", []byte("user=" + c.user + "\x01auth=Bearer " + c.token.Reveal() + "\x01\x01"), nil
}

// Next answers a challenge, which says what is wrong, with nothing: the refusal's code
// comes then.
func (*xoauth2Client) Next([]byte) ([]byte, error) { return []byte{}, nil }
