package intake

import (
	"context"
	"crypto/rsa"
	"crypto/tls"
	"errors"

	"github.com/rungmail/rungmail/internal/gateway/device"
)

// TLS is how a listener is secured.
type TLS string

// The kinds of TLS.
const (
	Off      TLS = "off"      // none is offered
	StartTLS TLS = "starttls" // offered, after STARTTLS (RFC 3207)
	Implicit TLS = "implicit" // from the first byte
)

// security is a listener's TLS: of today, and for devices that know none of today's.
type security struct{ modern, old *tls.Config }

// newSecurity derives both from the listener's certificates. There is no old one where
// no certificate is RSA: who knows only old suites can use no other.
func newSecurity(mode TLS, base *tls.Config) (security, error) {
	switch {
	case mode == Off:
		return security{}, nil
	case mode != StartTLS && mode != Implicit:
		return security{}, errors.New(`a listener's TLS is "off", "starttls" or "implicit"`)
	case base == nil || len(base.Certificates) == 0 && base.GetCertificate == nil:
		return security{}, errors.New("a listener with TLS needs a certificate")
	}
	modern := base.Clone()
	modern.MinVersion = max(base.MinVersion, tls.VersionTLS12)
	s := security{modern: modern}
	if base.GetCertificate != nil || hasRSA(base.Certificates) {
		s.old = base.Clone()
		s.old.MinVersion = tls.VersionTLS10
		s.old.CipherSuites = allSuites()
	}
	return s, nil
}

func hasRSA(certificates []tls.Certificate) bool {
	for _, c := range certificates {
		if _, ok := c.PrivateKey.(*rsa.PrivateKey); ok {
			return true
		}
	}
	return false
}

// allSuites lists every suite there is but those of RC4: those with RSA key exchange and
// 3DES, which old devices need, are used only where they are listed.
func allSuites() []uint16 {
	var ids []uint16
	for _, list := range [][]*tls.CipherSuite{tls.CipherSuites(), tls.InsecureCipherSuites()} {
		for _, s := range list {
			if !isRC4(s.ID) {
				ids = append(ids, s.ID)
			}
		}
	}
	return ids
}

func isRC4(id uint16) bool {
	switch id {
	case tls.TLS_RSA_WITH_RC4_128_SHA, tls.TLS_ECDHE_RSA_WITH_RC4_128_SHA, tls.TLS_ECDHE_ECDSA_WITH_RC4_128_SHA:
		return true
	}
	return false
}

// of is the configuration for a device; nil is a stranger.
func (s security) of(d *device.Device) *tls.Config {
	if d != nil && d.OldTLS && s.old != nil {
		return s.old
	}
	return s.modern
}

// secure has a handshake, and tells version and suite in words.
func (c *conn) secure(ctx context.Context, d *device.Device) (string, error) {
	secured := tls.Server(c.net, c.listener.security.of(d))
	c.deadline(c.server.config.Timeouts.Handshake)
	if err := secured.HandshakeContext(ctx); err != nil {
		return "", err
	}
	c.net = secured
	state := secured.ConnectionState()
	return tls.VersionName(state.Version) + " " + tls.CipherSuiteName(state.CipherSuite), nil
}
