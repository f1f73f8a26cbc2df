// Package smtpwire is SMTP on the wire (RFC 5321): bytes to replies and
// commands, and back. It is shared by everything in the house that speaks SMTP,
// on either side.
//
// It owns no socket, no clock and no goroutine. Bytes go in as they come, in
// pieces of any size, and the result never depends on how they were cut. All
// memory is bounded. What goes out can't hold a line end that wasn't meant.
//
// A client uses [ReplyParser], [AppendCommand] and [DataEncoder]; a server uses
// [CommandParser], [ParseHello], [ParseMail], [ParseRcpt], [DataDecoder] and
// [AppendReply]. No type here is safe for use by several goroutines at once.
//
// It isn't a session: the order of commands, the choice of replies and the
// extensions offered are the caller's.
package smtpwire

import "errors"

const (
	// MaxLine bounds a command line and a reply line, in bytes with the line
	// end (RFC 5321 sections 4.5.3.1.4 and 4.5.3.1.5).
	MaxLine = 512
	// MaxReplyLines bounds the lines of one reply. RFC 5321 sets no bound.
	MaxReplyLines = 100
	// MaxAuthLine bounds a line of an AUTH exchange after the command, in bytes
	// with the line end (RFC 4954 section 4).
	MaxAuthLine = 12288
	// MaxUnread bounds the bytes that a parser holds for its caller: some ten
	// times what a pipelined transaction of usual size needs, and more than the
	// longest reply. Who feeds at most half of it between draining Next is safe.
	MaxUnread = 64 << 10
)

// What can be wrong with what the peer sent. Errors that come back wrap one of
// these; their text is one printable line, for logs and not for the peer.
var (
	// ErrLineTooLong: a line over its bound.
	ErrLineTooLong = errors.New("line too long")
	// ErrTooManyLines: a reply of more than MaxReplyLines lines.
	ErrTooManyLines = errors.New("reply has too many lines")
	// ErrMalformed: a line that isn't a reply line (RFC 5321 section 4.2).
	ErrMalformed = errors.New("malformed reply")
	// ErrTooMuch: more than MaxUnread bytes that nobody asked for.
	ErrTooMuch = errors.New("too many bytes sent ahead")
	// ErrStrayCR: a CR without LF after it (RFC 5321 section 2.3.8).
	ErrStrayCR = errors.New("stray CR: lines must end with CR LF")
	// ErrStrayLF: an LF without CR before it (RFC 5321 section 2.3.8).
	ErrStrayLF = errors.New("stray LF: lines must end with CR LF")
	// ErrNUL: a NUL in a command line.
	ErrNUL = errors.New("NUL in a command line")
	// ErrPath: MAIL or RCPT without a good path (RFC 5321 section 4.1.2).
	ErrPath = errors.New("bad path")
	// ErrParam: a bad parameter of MAIL or RCPT (RFC 5321 section 4.1.2).
	ErrParam = errors.New("bad parameter")
	// ErrHello: a bad argument of HELO or EHLO.
	ErrHello = errors.New("bad hello name")
	// ErrTooBig: a message over DataDecoder.MaxSize.
	ErrTooBig = errors.New("message too big")
	// ErrUnsafe: a command that may not be sent, since a control character or
	// a blank in it could make something else of it.
	ErrUnsafe = errors.New("unsafe character in a command")
)
