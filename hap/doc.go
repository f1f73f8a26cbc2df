// Package hap speaks the Host Ethernet protocol of AutomationDirect's ECOM, EBC
// and like modules, UDP port 28784: discovery, set-up data, and the memory of the
// controller that a module sits in. It is the protocol of NetEdit and of the
// module maker's software kit.
//
// Most users need two things: [Discover] finds the modules on the plant's
// networks, and [Dial] gives a [Client] for one of them, whose methods read and
// write.
//
//	module, err := hap.Dial(ctx, "192.168.12.86", hap.Options{})
//	...
//	defer module.Close()
//	words, err := module.ReadV(ctx, 0o2000, 4) // V2000 and V2001
//
// # The codec
//
// Everything else is the codec, for both sides. A datagram is a [Frame]: an id of
// the client's choice, which the answer repeats, and a body. A request's body is a
// [Request]: a [Function] and its arguments. The bodies of answers are named for
// what they hold: [Poll], [Versions], [Support], [Device], [Stats], [SetupReply],
// and [Reply] with a K-sequence's [KReply] in it. The codec owns no socket, no
// goroutine and no clock; what it parses is bounded by [MaxBody], and what it
// can't parse gives [ErrMalformed] or a more telling error, never a panic.
//
// Set-up data has a [SetupType], which says how many bytes it is, and forms of
// its own: [ParseText], [IPSetup], [Transfers], [Peer], [Email].
//
// # Addresses
//
// V-memory words are numbered as the controller does, in octal: V2000 is 0o2000.
// The protocol has three views of them, and each has its own functions here: CCM
// counts words from 1 ([WordCCM]), CCM's bit areas count bytes ([InputX] and the
// other bases), and K-sequence numbers single bits ([KBit]).
//
// # What it isn't
//
// It doesn't encrypt: the protocol's optional XOR isn't offered. It has no IPX and
// no serial line. A password protects the controller's program, not this
// protocol: whoever reaches the port can read and write.
//
// # Sources
//
// The published Ethernet software kit of the module's maker, and public clients,
// as facts/protocols.md section 4 collects them; the byte strings in the tests
// are from there. What no source shows is said where it is, and is ours: the form
// of [Peer] and [Email], of answers to K-sequence, and of the bit areas' bases.
//
// # Compatibility
//
// Names and forms on the wire stay as they are within a major version. Fields may
// be added to structs and functions to the package, so write composite literals
// with field names. Texts of errors may change; compare with errors.Is and
// errors.As.
package hap
