package app

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/windows"

	"github.com/rungmail/rungmail/internal/durable"
)

// door is what a command needs on Windows, where there is no socket with a
// user: a port on loopback, and a token from a file in the state folder.
type door struct {
	Address string `json:"address"`
	Token   string `json:"token"`
}

func doorPath(state string) string { return filepath.Join(state, "control.token") }

// listenControl opens a port on loopback and writes the token that opens it.
func listenControl(state string) (net.Listener, func(http.Handler) http.Handler, error) {
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	d := door{Address: listener.Addr().String(), Token: rand.Text()}
	text, err := json.Marshal(d)
	if err == nil {
		err = durable.WriteFile(durable.OS{}, doorPath(state), text)
	}
	if err != nil {
		return nil, nil, errors.Join(err, listener.Close())
	}
	return listener, func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			got := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
			if subtle.ConstantTimeCompare([]byte(got), []byte(d.Token)) != 1 {
				http.Error(w, "forbidden", http.StatusForbidden)
				return
			}
			h.ServeHTTP(w, r)
		})
	}, nil
}

func readDoor(state string) (door, error) {
	var d door
	text, err := os.ReadFile(doorPath(state))
	if err == nil {
		err = json.Unmarshal(text, &d)
	}
	if err != nil {
		return d, fmt.Errorf("%w on the state folder %s: start it with rungmail run, or name the folder with --state", ErrNoService, state)
	}
	return d, nil
}

// authorize shows the token.
func authorize(state string, r *http.Request) error {
	d, err := readDoor(state)
	if err == nil {
		r.Header.Set("Authorization", "Bearer "+d.Token)
	}
	return err
}

func dialControl(ctx context.Context, state string) (net.Conn, error) {
	d, err := readDoor(state)
	if err != nil {
		return nil, err
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", d.Address)
	if err != nil {
		return nil, fmt.Errorf("%w on the state folder %s: start it with rungmail run, or name the folder with --state", ErrNoService, state)
	}
	return conn, nil
}

// lockFile takes the lock of a state folder; the file's handle holds it.
func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	if err := windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, &windows.Overlapped{}); err != nil {
		return nil, errors.Join(fmt.Errorf("another rungmail runs on the state folder %s: stop it first, or choose another folder", filepath.Dir(path)), f.Close())
	}
	return f, nil
}

// ownFolder has nothing to do: the folder has the rights of the one above it.
func ownFolder(string) error { return nil }
