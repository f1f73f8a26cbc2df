package upstream

import (
	"crypto/sha256"
	"crypto/subtle"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"strings"
)

// security makes the TLS configuration of an upstream: at least TLS 1.2, a chain to
// the company's authority or one of the system's, and the host's name.
func security(c Config) (*tls.Config, error) {
	if c.TLS == Plain {
		return nil, nil //nolint:nilnil // there is none
	}
	conf := &tls.Config{ServerName: c.Host, MinVersion: tls.VersionTLS12}
	if c.CAFile != "" {
		text, err := os.ReadFile(c.CAFile)
		if err != nil {
			return nil, fmt.Errorf("ca_file: %w", err)
		}
		conf.RootCAs = x509.NewCertPool()
		if !conf.RootCAs.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("ca_file: %s has no certificate in PEM form", c.CAFile)
		}
	}
	if (c.ClientCert == "") != (c.ClientKey == "") {
		return nil, errors.New("client_cert and client_key go together: set both or neither")
	}
	if c.ClientCert != "" {
		pair, err := tls.LoadX509KeyPair(c.ClientCert, c.ClientKey)
		if err != nil {
			return nil, fmt.Errorf("client_cert and client_key: %w", err)
		}
		conf.Certificates = []tls.Certificate{pair}
	}
	return conf, pin(conf, c.Pin)
}

// pin adds the check of a public key to that of the chain.
func pin(conf *tls.Config, text string) error {
	if text == "" {
		return nil
	}
	sum, found := strings.CutPrefix(text, "sha256/")
	want, err := base64.StdEncoding.DecodeString(sum)
	if !found || err != nil || len(want) != sha256.Size {
		return fmt.Errorf("pin: %q isn't sha256/ and the SHA-256 of a public key in base64", text)
	}
	conf.VerifyConnection = func(state tls.ConnectionState) error {
		if got := keySum(state.PeerCertificates[0]); subtle.ConstantTimeCompare(got[:], want) != 1 {
			return fmt.Errorf("%w (it is %s)", ErrPin, pinText(got[:]))
		}
		return nil
	}
	return nil
}

// keySum is the SHA-256 of a certificate's public key, as pins have it (RFC 7469
// section 2.4).
func keySum(cert *x509.Certificate) [sha256.Size]byte {
	return sha256.Sum256(cert.RawSubjectPublicKeyInfo)
}

// pinText is a key's sum as a pin is written.
func pinText(sum []byte) string { return "sha256/" + base64.StdEncoding.EncodeToString(sum) }

// describeTLS is version and suite in words.
func describeTLS(state tls.ConnectionState) string {
	return tls.VersionName(state.Version) + ", " + tls.CipherSuiteName(state.CipherSuite)
}
