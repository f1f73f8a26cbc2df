//go:build !windows

package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

func socketPath(state string) string { return filepath.Join(state, "control.sock") }

// maxSocketPath is the longest path that every Unix takes for a socket.
const maxSocketPath = 103

// listenControl opens the socket for this user and root alone. The state folder
// is ours by its lock, so a socket that lies there is a dead one's.
func listenControl(state string) (net.Listener, func(http.Handler) http.Handler, error) {
	path := socketPath(state)
	if len(path) > maxSocketPath {
		return nil, nil, fmt.Errorf("the path %s is too long for a socket (%d bytes, at most %d): choose a shorter state folder", path, len(path), maxSocketPath)
	}
	if err := removed(os.Remove(path)); err != nil {
		return nil, nil, err
	}
	old := unix.Umask(0o177) // the socket is born with 0600
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "unix", path)
	unix.Umask(old)
	if err != nil {
		return nil, nil, err
	}
	return peerListener{listener}, func(h http.Handler) http.Handler { return h }, nil
}

// peerListener takes connections of this user and root alone.
type peerListener struct{ net.Listener }

// Accept waits for a connection that may speak.
func (l peerListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if uid, err := peerUID(conn); err == nil && (uid == 0 || uid == os.Geteuid()) {
			return conn, nil
		}
		_ = conn.Close()
	}
}

var errNoPeer = errors.New("the peer's user can't be found out")

// peerUID is the user at the other end of a socket.
func peerUID(conn net.Conn) (int, error) {
	c, ok := conn.(*net.UnixConn)
	if !ok {
		return 0, errNoPeer
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return 0, err
	}
	uid, inner := 0, errNoPeer
	err = raw.Control(func(fd uintptr) { uid, inner = credentials(int(fd)) })
	return uid, errors.Join(err, inner)
}

// authorize has nothing to add: the socket knows its peer.
func authorize(string, *http.Request) error { return nil }

func dialControl(ctx context.Context, state string) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", socketPath(state))
	if err != nil {
		return nil, fmt.Errorf("%w on the state folder %s: start it with rungmail run, or name the folder with --state", ErrNoService, state)
	}
	return conn, nil
}

// lockFile takes the lock of a state folder; the file's descriptor holds it.
func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("another rungmail runs on the state folder %s: stop it first, or choose another folder", filepath.Dir(path)), f.Close())
	}
	return f, nil
}

// ownFolder makes sure that a state folder is this user's alone: whoever else can
// write there could stand in for the service.
func ownFolder(state string) error {
	var st unix.Stat_t
	if err := unix.Stat(state, &st); err != nil {
		return fmt.Errorf("the state folder %s: %w", state, err)
	}
	if int(st.Uid) != os.Geteuid() {
		return fmt.Errorf("the state folder %s belongs to another user: choose another, or run as its owner", state)
	}
	return os.Chmod(state, 0o700) //nolint:gosec // a folder
}
