package hap_test

import (
	"fmt"

	"github.com/rungmail/rungmail/hap"
)

// The datagram that asks a module for the word V2000, and the one that answers
// with what the word holds.
func Example() {
	address, _ := hap.WordCCM(0o2000)
	ask := hap.Request{Function: hap.FuncCCM, CCM: hap.CCM{Type: hap.CCMV, Address: address, Count: 2}}
	body, err := ask.Append(nil)
	if err != nil {
		panic(err)
	}
	datagram, err := hap.AppendFrame(nil, hap.Frame{ID: 6, Body: body})
	if err != nil {
		panic(err)
	}
	fmt.Printf("%x\n", datagram)

	answer, err := hap.ParseReply([]byte{0x22, 0x19, 0, 0, 0x34, 0x12})
	if err != nil {
		panic(err)
	}
	fmt.Printf("%s to %s: %x\n", answer.Kind, answer.Of, answer.Data)
	// Output:
	// 484150060001da08001900011e02010431
	// response to CCM: 3412
}

// A whole e-mail set-up, as a module has it in ROM.
func ExampleEmail() {
	e, err := hap.ParseEmail([]byte("\x01\xc0\xa8\x00\x01\x19\x00\x5a\x00\x00\x00\x00\x00\x00\x0f\x00plc@example.com\x0f\x00joe@example.com"))
	if err != nil {
		panic(err)
	}
	fmt.Printf("%s by %s:%d within %s, copies to %q\n", e.Sender, e.Server, e.Port, e.Timeout, e.Cc)
	// Output: plc@example.com by 192.168.0.1:25 within 1m30s, copies to ["joe@example.com"]
}
