package reply

import "fmt"

// lastBoxCode is the highest code that an ECEMAIL box gives (seeds/000 appendix).
const lastBoxCode = 1999

// Status is what a decimal status code of an ECEMAIL box means, in a few words
// without a full stop (seeds/000 appendix).
func Status(code int) string { return Explainer{}.Ecom(code).Title }

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

// With is the diagnosis of an error as an explanation of the server's own words
// makes it; any other diagnosis stays as it is.
func (d Diagnosis) With(code int, x Explanation) Diagnosis {
	if d.Row == 4 && len(x.Fixes) > 0 {
		d.Title = fmt.Sprintf("error %d: %s", code, x.Title)
		d.Meaning, d.Advice = "The mail was not sent, or not to everyone. "+x.Meaning, x.Fixes[0].Text
	}
	return d
}

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
		return Diagnosis{Row: 4, Valid: true}.With(code, Explainer{}.Ecom(code))
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
