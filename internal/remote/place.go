package remote

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/rungmail/rungmail/internal/ecom/modbus"
	"github.com/rungmail/rungmail/internal/modbuswire"
	"github.com/rungmail/rungmail/internal/plc/memory"
)

// Place is where a controller's memory is met.
type Place struct {
	host   string // with its port where that isn't the protocol's own
	modbus bool   // else HAP
	unit   byte   // of Modbus
}

// ErrPlace is what every text gives that is no [Place].
var ErrPlace = errors.New("no place of a controller")

// ParsePlace reads hap://HOST[:PORT] or modbus://HOST[:PORT][?unit=N], with unit 255
// unless another is given.
func ParsePlace(text string) (Place, error) {
	wrong := func(format string, args ...any) (Place, error) {
		return Place{}, fmt.Errorf("%q is %w: %s", text, ErrPlace, fmt.Sprintf(format, args...))
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "hap" && u.Scheme != "modbus" {
		return wrong("it must begin with hap:// or modbus://, such as hap://192.168.12.86 or modbus://192.168.12.86:502")
	}
	if u.Hostname() == "" || strings.Trim(u.Path, "/")+u.Opaque+u.Fragment != "" || u.User != nil {
		return wrong("write an address alone behind the //, such as hap://192.168.12.86 or modbus://192.168.12.86:502")
	}
	if port := u.Port(); port != "" || strings.HasSuffix(u.Host, ":") {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return wrong("a port is 1 to 65535")
		}
	}
	p := Place{host: u.Host}
	if u.Scheme == "modbus" {
		p.modbus, p.unit = true, 255
	}
	query, err := url.ParseQuery(u.RawQuery)
	for name, values := range query {
		if name != "unit" || !p.modbus || len(values) != 1 {
			return wrong("behind the ? only modbus:// has something, and that is one unit=N")
		}
		n, err := strconv.ParseUint(values[0], 10, 8)
		if err != nil {
			return wrong("unit=%s: a unit is 0 to 255", values[0])
		}
		p.unit = byte(n)
	}
	if err != nil {
		return wrong("what stands behind the ? can't be read")
	}
	if p.modbus && u.Port() == "" {
		p.host = net.JoinHostPort(u.Hostname(), strconv.Itoa(modbuswire.Port))
	}
	return p, nil
}

// Modbus tells whether the place is met over Modbus TCP; else it is over HAP.
func (p Place) Modbus() bool { return p.modbus }

// What no write reaches, by [Place.CanWrite].
var (
	// ErrBitOfWord is what B2000.5 gives: no protocol writes one bit of a data word,
	// and to read and write the whole would lose what the controller does between.
	ErrBitOfWord = errors.New("one bit of a word can't be written by itself: write the word, or use a C bit")
	// ErrSpecial is what SP1 gives.
	ErrSpecial = errors.New("special relays can't be written: they are the controller's own")
	// ErrInput is what X0 and GX0 give over Modbus.
	ErrInput = errors.New("over modbus:// inputs can't be written: over hap:// they can")
)

// CanWrite says why an address can't be written there, whatever the controller, as
// far as that is known without asking it.
func (p Place) CanWrite(a memory.Addr) error {
	var err error
	bit := a.Bit()
	switch _, coil := modbus.Coil(uint16(bit.Word), bit.N); {
	case a.Area == memory.B:
		err = ErrBitOfWord
	case a.Area == memory.SP:
		err = ErrSpecial
	case a.IsBit() && p.modbus && !coil:
		err = ErrInput
	}
	if err != nil {
		return fmt.Errorf("%s: %w", a, err)
	}
	return nil
}
