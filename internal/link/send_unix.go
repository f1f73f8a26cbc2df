//go:build !windows

package link

import "golang.org/x/sys/unix"

// send writes to a socket that doesn't block, and returns how much it took.
func send(fd uintptr, p []byte) int {
	n, err := unix.Write(int(fd), p)
	if err != nil {
		return 0 // full, or broken: the link's goroutine finds out which
	}
	return n
}
