package mailaddr

import "fmt"

// ParseError says why text isn't an address. Its message is ASCII and one line
// whatever the input was.
type ParseError struct {
	// Offset is the byte in the input, from 0, at which it went wrong; the
	// input's length when something is missing at its end.
	Offset int
	// Element is which address of a list it is, from 1; 0 from Parse.
	Element int
	// Reason says what is wrong and what to do about it.
	Reason string
}

// Error is the reason, with the place before it.
func (e *ParseError) Error() string {
	if e.Element > 0 {
		return fmt.Sprintf("mail address %d of the list, at offset %d: %s", e.Element, e.Offset, e.Reason)
	}
	return fmt.Sprintf("mail address, at offset %d: %s", e.Offset, e.Reason)
}
