// Package strangers holds tests that let our SMTP client talk to servers which
// others made: Postfix, its smtp-sink, and go-smtp. What two programs of one house
// agree on may still be wrong; here somebody else has read the RFC.
//
// Each mail goes the whole way: a rung, the ECEMAIL box, the backplane, the module,
// [link.TCP], a socket of this machine. Judged are the Success bit, the Error bit and
// the Error Code in V-memory on our side, and on the other what the server has kept
// and what it says of our manners in its log.
//
// A program that isn't installed costs its tests, and with CI=true the run;
// scripts/setup gets them all. Postfix and smtp-sink are met on Linux only, and
// Postfix starts as root only.
//
// The benchmarks put one mail, from edge to Success, beside the same conversation
// on a bare socket.
package strangers

import _ "github.com/rungmail/rungmail/internal/link" // what the tests are about
