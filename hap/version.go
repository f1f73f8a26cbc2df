package hap

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
)

// Release is the version of a piece of firmware. Releases compare number by
// number: 4.0.165 is before 4.0.1031.
type Release struct {
	Major, Minor byte
	Build        uint16
}

// ParseRelease reads "4.0.1031".
func ParseRelease(text string) (Release, error) {
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return Release{}, fmt.Errorf("%q is no release: it has three numbers, as 4.0.1031 has", text)
	}
	var n [3]uint64
	for i, bits := range [3]int{8, 8, 16} {
		var err error
		if n[i], err = strconv.ParseUint(parts[i], 10, bits); err != nil {
			return Release{}, fmt.Errorf("%q is no release: %w", text, err)
		}
	}
	return Release{byte(n[0]), byte(n[1]), uint16(n[2])}, nil
}

// String is "4.0.1031".
func (r Release) String() string { return fmt.Sprintf("%d.%d.%d", r.Major, r.Minor, r.Build) }

// Compare is -1, 0 or 1 as r is before, the same as or after other.
func (r Release) Compare(other Release) int {
	return cmp.Or(cmp.Compare(r.Major, other.Major), cmp.Compare(r.Minor, other.Minor), cmp.Compare(r.Build, other.Build))
}

const (
	releaseSize = 4
	// MaxExtensions is the number of extensions that an answer has room for.
	MaxExtensions = 10
	versionsSize  = 1 + 2*releaseSize + 1 + MaxExtensions*releaseSize
)

// Versions is the answer to FuncVersion: the firmware of a module.
type Versions struct {
	Booter, OS Release
	Extensions []Release // at most MaxExtensions
}

// Append appends the body of the reply: its size, booter and operating system,
// and room for ten extensions. Those beyond [MaxExtensions] are left out.
func (v Versions) Append(dst []byte) []byte {
	dst = append(dst, versionsSize)
	dst = v.OS.append(v.Booter.append(dst))
	ext := v.Extensions[:min(len(v.Extensions), MaxExtensions)]
	dst = append(dst, byte(len(ext)))
	for _, r := range ext {
		dst = r.append(dst)
	}
	return append(dst, make([]byte, (MaxExtensions-len(ext))*releaseSize)...)
}

// ParseVersions reads the body of the reply. One that ends behind the operating
// system has no extensions.
func ParseVersions(body []byte) (Versions, error) {
	if len(body) < 1+2*releaseSize {
		return Versions{}, fmt.Errorf("%w: %d bytes of versions", ErrMalformed, len(body))
	}
	v := Versions{Booter: parseRelease(body[1:]), OS: parseRelease(body[5:])}
	if len(body) == 9 {
		return v, nil
	}
	n := int(body[9])
	if n > MaxExtensions || 10+n*releaseSize > len(body) {
		return v, fmt.Errorf("%w: %d extensions in %d bytes", ErrMalformed, n, len(body))
	}
	for i := range n {
		v.Extensions = append(v.Extensions, parseRelease(body[10+i*releaseSize:]))
	}
	return v, nil
}

func (r Release) append(dst []byte) []byte {
	return binary.LittleEndian.AppendUint16(append(dst, r.Major, r.Minor), r.Build)
}

func parseRelease(b []byte) Release { return Release{b[0], b[1], binary.LittleEndian.Uint16(b[2:])} }
