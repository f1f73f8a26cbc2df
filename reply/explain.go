package reply

import (
	"strconv"
	"strings"
	"time"
)

// Confidence is how sure an explanation is.
type Confidence string

// The degrees.
const (
	High   Confidence = "high"   // the words or the code have one meaning
	Medium Confidence = "medium" // the code has one meaning, servers use it for more
	Low    Confidence = "low"    // the code is used for many things, or only its digits speak
)

// Explanation is what is known about a code, a reply or an error message. Its
// JSON only ever gains fields.
type Explanation struct {
	Code       int        `json:"code"`     // 0 where none was found
	Enhanced   string     `json:"enhanced"` // "5.7.1", or empty
	Class      string     `json:"class"`    // success, go on, temporary, permanent, module, network, device or unknown
	Title      string     `json:"title"`
	Meaning    string     `json:"meaning"`
	Causes     []string   `json:"causes"` // the likeliest first
	Fixes      []Fix      `json:"fixes"`  // the best first
	Retry      Retry      `json:"retry"`
	Confidence Confidence `json:"confidence"`
	Rule       string     `json:"rule"`    // the entry that speaks
	General    bool       `json:"general"` // only the digits spoke
	Sources    []string   `json:"sources"`
	SeeAlso    []string   `json:"see_also"` // ids of other entries
	// Elsewhere is what other makers' e-mail blocks say in the same case; only for
	// the ECOM100's codes.
	Elsewhere []string `json:"elsewhere"`
	// Contradiction says where the reply contradicts itself; empty where it doesn't.
	Contradiction string `json:"contradiction"`
}

// Explainer explains as of a day: some facts have a date.
type Explainer struct {
	Now time.Time // the zero time is long ago: nothing dated has happened yet
}

// Explain says what a code, a reply or a line of a log means, as of today.
func Explain(line string) Explanation {
	return Explainer{Now: time.Now()}.Explain(line) //nolint:forbidigo // the short form of one that is given its day
}

// Explain says what a code, a reply of one or more lines, or a line pasted from a
// log or an error message means. It takes any bytes and always answers; what it
// can't know it doesn't invent.
func (e Explainer) Explain(line string) Explanation {
	if n, ok := bareNumber(line); ok {
		return e.number(n)
	}
	l := read(line)
	x := e.find(l)
	x.Contradiction = l.contradiction()
	if class := l.code / 100; class == 2 || class == 3 || l.enhanced != "" && l.code != 0 && class != l.enhancedClass() {
		x.Retry = x.Retry.ofClass(l.code / 100) // the basic code says whether to try again
	}
	return x
}

// Reply explains a reply that has been parsed already.
func (e Explainer) Reply(r Reply) Explanation { return e.Explain(r.String()) }

// ofClass is the answer that a class of replies allows.
func (r Retry) ofClass(class int) Retry {
	switch {
	case class == 2 || class == 3:
		return RetryNone
	case class == 4 && r != RetryYes:
		return RetryLater
	case class == 5 && (r == RetryYes || r == RetryLater || r == RetryNone):
		return RetryChange
	}
	return r
}

// find picks the entry that speaks for a line: words before enhanced codes before
// basic ones. Without any code the words of networks come first; words of refusal
// say nothing in a success.
func (e Explainer) find(l line) Explanation {
	unsure := l.code == 0 || l.doubtful
	if unsure && l.enhanced == "" {
		if x, ok := e.network(l); ok {
			return x
		}
	}
	if l.code/100 != 2 && l.code/100 != 3 {
		if r := textMatch(l); r != nil {
			return e.rule(r, l, "")
		}
	}
	if unsure {
		if x, ok := e.network(l); ok {
			return x
		}
	}
	if x, ok := e.enhanced(l); ok {
		return x
	}
	if d := deviceByWords(l); d != nil && l.code == 0 {
		return e.entry(&d.entry, line{}, "device", High)
	}
	return e.basic(l)
}

// network explains an error below SMTP. A number in it is no reply code, unless it
// surely is.
func (e Explainer) network(l line) (Explanation, bool) {
	r := match(wireRules, l)
	if r == nil {
		return Explanation{}, false
	}
	if l.doubtful {
		l.code = 0
	}
	return e.rule(r, l, "network"), true
}

// textMatch tries the providers' rules, then those for any server.
func textMatch(l line) *textRule {
	for _, rules := range [][]textRule{microsoftRules, googleRules, otherRules, genericRules} {
		if r := match(rules, l); r != nil {
			return r
		}
	}
	return nil
}

func (e Explainer) rule(r *textRule, l line, class string) Explanation {
	sure := High
	if class == "" && l.code == 0 && l.enhanced == "" {
		sure = Medium // words alone
	}
	return e.entry(&r.entry, l, class, sure)
}

// enhanced explains by the enhanced code alone, if it is registered.
func (e Explainer) enhanced(l line) (Explanation, bool) {
	class, key, ok := strings.Cut(l.enhanced, ".")
	if !ok {
		return Explanation{}, false
	}
	if r := vendorRule(l); r != nil {
		return e.entry(&r.entry, l, "", Medium), true
	}
	found, ok := tables().enhanced[key]
	if !ok {
		return Explanation{}, false
	}
	if l.code >= 200 && l.code <= 599 {
		class = strconv.Itoa(l.code / 100) // where the two differ, the basic code says whether to try again
	}
	return e.entry(ofClass(&found.entry, class), l, "", Medium), true
}

// ofClass is an enhanced entry as its class changes it: 2 is a success with a
// remark, 4 is for now.
func ofClass(found *entry, class string) *entry {
	out := *found
	switch class {
	case "2", "3":
		out.meaning = "The server did what was asked. The enhanced code that it adds belongs to the subject \"" + found.title + "\"."
		out.causes = []string{"Servers add an enhanced code to a success too; here it is \"" + found.title + "\"."}
		out.fixes = []Fix{{Operator, "Nothing has failed, so nothing needs to be done about \"" + found.title + "\"."}}
		out.retry = RetryNone
	case "4":
		out.meaning = "This holds for now only. " + found.meaning
		out.retry = RetryLater
	}
	return &out
}

// basic explains by the basic code, or by its digits where it has no entry.
func (e Explainer) basic(l line) Explanation {
	if l.code == 0 && l.enhanced != "" {
		return e.digits(l, int(l.enhanced[0]-'0')*100)
	}
	if l.code == 0 {
		return unknown()
	}
	found, ok := tables().basic[l.code]
	if !ok {
		return e.digits(l, l.code)
	}
	sure := Medium
	if len(found.causes) > 2 && l.code >= 400 {
		sure = Low // used for many things
	}
	x := e.entry(&found.entry, l, "", sure)
	if l.enhanced != "" {
		x.Meaning += " The enhanced code " + l.enhanced + " isn't registered, so the basic code speaks alone."
	}
	return x
}

// digits is the honest answer for a code that has no entry.
func (e Explainer) digits(l line, code int) Explanation {
	first, second := code/100, code/10%10
	meaning := "This code isn't registered, so only its digits speak. " + firstDigit[first]
	if text, ok := secondDigit[second]; ok && l.code != 0 {
		meaning += " " + text
	}
	retry := map[int]Retry{2: RetryNone, 3: RetryNone, 4: RetryLater, 5: RetryChange}[first]
	if retry == "" {
		retry = RetryNo
	}
	general := entry{
		id: "digits/" + strconv.Itoa(first), title: classOf(first) + " reply without an entry of its own", meaning: meaning,
		causes: []string{"The server uses a code of its own; the words behind it say more than the number."},
		fixes:  []Fix{{IT, "Ask whoever runs the server what it means by this code, and give them the whole line."}},
		retry:  retry, sources: []string{"RFC 5321 section 4.2.1", "guide to SMTP and device error codes"},
	}
	x := e.entry(&general, l, classOf(first), Low)
	x.General = true
	return x
}

// unknown is the answer to a line without any code or words that are known.
func unknown() Explanation {
	return Explanation{
		Class: "unknown", Title: "nothing known in it", Confidence: Low, General: true, Rule: "none", Retry: RetryNo,
		Meaning: "There is no reply code in this line, and no words that are known.",
		Causes:  []string{"The line may be only a part of the message; the code often stands at its beginning or at its end."},
		Fixes:   []Fix{{IT, "Paste the whole line from the log, or the code alone."}},
		Sources: none, SeeAlso: none, Elsewhere: none,
	}
}

// entry turns an entry into an explanation, as of the explainer's day.
func (e Explainer) entry(found *entry, l line, class string, sure Confidence) Explanation {
	now := *found
	for _, d := range found.later {
		if e.Now.IsZero() || e.Now.UTC().Format(time.DateOnly) < d.from {
			break
		}
		now = now.asOf(d)
	}
	if class == "" {
		class = classOf(l.class())
	}
	return Explanation{
		Code: l.code, Enhanced: l.enhanced, Class: class, Title: now.title, Meaning: now.meaning, Causes: now.causes, Fixes: now.fixes,
		Retry: now.retry, Confidence: sure, Rule: now.id, Sources: now.sources, SeeAlso: now.seeAlso(), Elsewhere: none,
	}
}

// asOf is the entry as it reads from a day on.
func (n entry) asOf(d dated) entry {
	if d.meaning != "" {
		n.meaning = d.meaning
	}
	if d.causes != nil {
		n.causes = d.causes
	}
	if d.fixes != nil {
		n.fixes = d.fixes
	}
	return n
}

// none is the empty list of JSON.
var none = []string{}

func (n entry) seeAlso() []string {
	if n.see == nil {
		return none
	}
	return n.see
}

// classOf names a class of replies by its first digit.
func classOf(digit int) string {
	switch digit {
	case 2:
		return "success"
	case 3:
		return "go on"
	case 4:
		return "temporary"
	case 5:
		return "permanent"
	}
	return "unknown"
}
