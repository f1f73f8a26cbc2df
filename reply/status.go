package reply

import "fmt"

// Classes of status codes (seeds/000 appendix).
const (
	firstServerCode = 100  // a server's own reply from here on
	firstBoxCode    = 1000 // given by the box's own ladder logic from here on
	lastBoxCode     = 1999
)

// moduleCodes is what the ECOM100's own codes mean; a timeout's last digit is
// the state.
var moduleCodes = map[int]string{
	0:    "success: the mail server has the mail",
	1:    "busy: the box is working on a request",
	10:   "timeout before the module began to connect",
	11:   "timeout while connecting: no connection to the mail server came about",
	12:   "timeout waiting for the server's greeting or its answer to HELO",
	13:   "timeout waiting for the answer to MAIL FROM",
	14:   "timeout waiting for the answer to RCPT TO",
	15:   "timeout waiting for the answer to DATA",
	16:   "timeout while sending the head of the mail",
	17:   "timeout while sending the body of the mail",
	18:   "timeout waiting for the answer to the end of the mail",
	19:   "timeout in an unknown state of the conversation",
	20:   "TCP write error: the connection was closed or broken in the middle of the conversation",
	21:   "no recipient: neither To nor Cc names anyone",
	22:   "invalid state: the server's answer doesn't fit the step that the conversation was in",
	23:   "invalid data: an answer that is no SMTP reply, or text over the limit",
	24:   "invalid e-mail set-up: server address, sender address, port or timeout is missing or wrong",
	25:   "out of memory: more recipients or text than the module can hold",
	1001: "slot error: the SP error bit of the module's slot came on",
}

// serverCodes is what a server's codes mean, as far as seeds/000 lists them.
var serverCodes = map[int]string{
	200: "success, in a form that no standard has",
	211: "system status, or help on the system",
	214: "help for a person who reads along",
	220: "the server is ready",
	221: "the server closes the connection",
	250: "done",
	251: "the recipient isn't local and the server forwards the mail",
	252: "the recipient can't be verified, but the server takes the mail",
	253: "messages are waiting for the node",
	354: "the server waits for the mail",
	355: "the server names the offset at which to go on",
	421: "the server isn't available and closes the connection",
	432: "the account needs a new kind of password, or there are too many connections",
	450: "the mailbox is busy or blocked for now; try again later",
	451: "the server had a fault of its own; try again later",
	452: "the server is short of storage, or there are too many recipients; try again later",
	453: "no mail is waiting",
	454: "TLS or the login is not available for now; try again later",
	458: "the server can't queue messages for the node",
	459: "the node isn't allowed",
	500: "the server doesn't know the command",
	501: "the server doesn't understand the parameters",
	502: "the server hasn't this command",
	503: "commands came in the wrong order",
	504: "the server hasn't this parameter",
	521: "this host takes no mail at all",
	530: "the server wants STARTTLS or a login first",
	534: "the way of logging in is too weak",
	538: "the server wants encryption for this way of logging in",
	550: "the mailbox doesn't exist, or the server refuses by policy",
	551: "the recipient isn't local; another server takes the mail",
	552: "the mailbox is full, or the mail is too large",
	553: "the name of the mailbox isn't allowed",
	554: "the server refuses the mail, or takes none from here",
}

// serverClasses speaks for a server's code that has no entry of its own.
var serverClasses = map[int]string{
	1: "an informational reply of the server", 2: "a success reply of the server", 3: "the server waits for more",
	4: "the server refuses for now; try again later", 5: "the server refuses",
}

// Status is what a decimal status code of an ECEMAIL box means, in one line of
// plain words without a full stop (seeds/000 appendix).
func Status(code int) string {
	if text, ok := moduleCodes[code]; ok {
		return text
	}
	switch {
	case code < 0 || code > lastBoxCode:
		return "no code that the box gives"
	case code < firstServerCode:
		return "an internal error of the ECOM100"
	case code >= firstBoxCode:
		return "an error that the box's own ladder logic gives"
	}
	if text, ok := serverCodes[code]; ok {
		return text
	}
	if text, ok := serverClasses[code/100]; ok {
		return text
	}
	return "a reply of the server that no SMTP standard has"
}

// Diagnosis is what the three outputs of an ECEMAIL box say together.
type Diagnosis struct {
	Row     int    `json:"row"`     // 1-6, the row of the table in seeds/000 section 9
	Title   string `json:"title"`   // a few words
	Meaning string `json:"meaning"` // what it means
	Advice  string `json:"advice"`  // what to do next
	Valid   bool   `json:"valid"`   // whether the box itself can leave its outputs so
}

const (
	written = "This can't come from the box itself: another instruction writes its Success bit, Error bit or Error Code."
	look    = "Look in the cross reference for every instruction that writes one of the three and take it out. If the bit or word was shared to save memory, give the box outputs of its own: a bit of a word or an unused GX or GY bit will do."
)

// Diagnose reads the Success bit, Error bit and Error Code of an ECEMAIL box
// together (seeds/000 section 9).
func Diagnose(success, fault bool, code int) Diagnosis {
	switch {
	case success && fault:
		return Diagnosis{6, "both bits on: invalid", "Success and Error are on at once. " + written, look, false}
	case fault && (code < 2 || code > lastBoxCode):
		meaning := fmt.Sprintf("Error is on, and %d is no error code: errors are 2 to %d. %s", code, lastBoxCode, written)
		return Diagnosis{5, "error with an invalid code", meaning, look, false}
	case fault:
		return Diagnosis{4, fmt.Sprintf("error %d", code), fmt.Sprintf("The mail was not sent, or not to everyone: %s.", Status(code)), advice(code), true}
	case success && code != 0:
		meaning := fmt.Sprintf("Success is on, but the Error Code is %d and not 0. %s", code, written)
		return Diagnosis{3, "success with a code: invalid", meaning, look, false}
	case success:
		return Diagnosis{
			2, "success", "The mail server has taken the mail. That doesn't mean that it has been delivered or read: the server may hold it in a queue, and bounces come later.",
			"If nobody got the mail, look in the mail server's log and in the sender's mailbox for a bounce.", true,
		}
	default:
		return Diagnosis{
			1, "neither success nor error", "The box is still working on a request, or it has had no leading edge since the CPU went to RUN.",
			"Wait for the timeout. If nothing changes, see whether the rung before the box really goes from off to on: a contact that is always on never starts it.", true,
		}
	}
}

// advice is what to do about an error code.
func advice(code int) string {
	switch {
	case code == 11:
		return "Check the server's IP address and port, the module's subnet mask and gateway, the cable, and any firewall between."
	case code >= 10 && code <= 19:
		return "The server is slow or has stopped answering: look at the trace for the last line, and raise the timeout to twice the slowest good mail."
	case code == 21:
		return "Fill in To, or the Cc list of the module's e-mail set-up."
	case code == 24:
		return "Fill in server address, sender address, port and timeout in the module's e-mail set-up, or by an ECEMSUP box."
	case code == 23:
		return "See in the trace what the server sent; if nothing was sent, the text was over 103 bytes: shorten To, Subject or Body."
	case code == 1001:
		return "Check that the module is in the slot that the ECOM100 box names and that its DIP switch 7 is on; use ECRX and ECWX in the place of RX and WX."
	case code == 421 || code/100 == 4:
		return "The server may take the mail later: try again after some minutes, and not at once."
	case code/100 == 5:
		return "Trying again won't help: the server's text in the trace says what must change. Ask whoever runs the mail server."
	}
	return "Look at the trace of the conversation for what went before."
}
