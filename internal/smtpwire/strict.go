package smtpwire

// Strictness is how closely a peer must keep to RFC 5321. The zero value is
// strict; each true is one leniency, granted to one named device for its
// session and never to a network.
type Strictness struct {
	// BareLF lets an LF alone end a command line, and a line of the message
	// text. It never lets one end the message.
	BareLF bool
	// EmptyHello lets HELO and EHLO come without a name.
	EmptyHello bool
	// MissingBrackets lets the path of MAIL and RCPT come without its angle
	// brackets, with or without blanks before it.
	MissingBrackets bool
	// BlankAfterColon lets blanks stand between the colon and the path, a
	// habit that RFC 5321 section 3.3 warns of.
	BlankAfterColon bool
}
