package reply

import (
	"slices"
	"strings"
)

// maxLine is how much of a line is looked at; what says why stands in its first
// lines.
const maxLine = 16 << 10

// line is what was found in a line.
type line struct {
	grams    *grams // of text; nil where nobody looks for parts
	text     string // lower case, blanks folded to one, codes of continuation lines left out
	words    string // text without addresses and the hosts of log fields, whose names say nothing
	code     int    // 0 where none was found
	enhanced string
	doubtful bool // the code may be another number
}

// class is the first digit that counts: the basic code's, else the enhanced one's.
func (l line) class() int {
	if l.code != 0 {
		return l.code / 100
	}
	if l.enhanced != "" {
		return l.enhancedClass()
	}
	return 0
}

// enhancedClass is the first digit of the enhanced code, which must be there.
func (l line) enhancedClass() int { return int(l.enhanced[0] - '0') }

// read takes a line apart.
func read(s string) line {
	l := line{text: fold(s)}
	l.words = withoutNames(l.text)
	l.grams = gramsOf(l.words)
	best := -1
	for at := range numbers(l.text) {
		if score := judge(l.text, at); score > best {
			best, l.code = score, atoi3(l.text[at:])
			l.enhanced = enhancedAt(l.text, at+4)
		}
	}
	l.doubtful = best < sureScore
	if l.enhanced == "" {
		l.enhanced = firstEnhanced(l.text)
	}
	return l
}

// fold lowers letters, makes one blank of every run of blanks and control
// characters, drops NULs (so that UTF-16 reads too), and takes the codes of a
// reply's further lines out, so that its words stand together.
func fold(s string) string {
	if len(s) > maxLine {
		s = s[:maxLine]
	}
	s = strings.ReplaceAll(strings.ReplaceAll(s, `\r\n`, "\n"), `\n`, "\n")
	var w strings.Builder
	w.Grow(len(s))
	blank, fresh := true, false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == 0:
			continue
		case c <= ' ' || c == 0x7f:
			if !blank {
				w.WriteByte(' ')
			}
			blank, fresh = true, fresh || c == '\n' && w.Len() > 0
			continue
		case fresh:
			fresh = false
			if n := aside(s[i:]); n > 0 {
				i += n - 1
				continue
			}
		}
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		w.WriteByte(c)
		blank = false
	}
	return strings.TrimSuffix(w.String(), " ")
}

// aside is the length of what stands at the beginning of a further line and isn't
// the server's: the repeated code of a reply, or a remark of curl's, "* ...".
func aside(s string) int {
	if strings.HasPrefix(s, "* ") {
		if end := strings.IndexByte(s, '\n'); end >= 0 {
			return end
		}
		return len(s)
	}
	return continuation(s)
}

// continuation is the length of a code, and an enhanced code behind it, at the
// beginning of a reply's further line.
func continuation(s string) int {
	if len(s) < 4 || !digit(s[0]) || !digit(s[1]) || !digit(s[2]) || s[3] != '-' && s[3] != ' ' {
		return 0
	}
	n := 4
	if enh := enhancedAt(s, n); enh != "" {
		n += len(enh)
	}
	return n
}

// withoutNames takes mail addresses and the hosts of log fields out of a text: the
// trigger words of rules may stand in them by chance.
func withoutNames(s string) string {
	if !strings.ContainsAny(s, "@=") {
		return s
	}
	var w strings.Builder
	w.Grow(len(s))
	for i := 0; i < len(s); {
		if n := field(s[i:]); n > 0 && (i == 0 || s[i-1] == ' ' || s[i-1] == ',') {
			i += n
			continue
		}
		if n := address(s, i); n > 0 {
			w.WriteByte('@')
			i += n
			continue
		}
		w.WriteByte(s[i])
		i++
	}
	return w.String()
}

// field is the length of a log field that names a host, up to its end.
func field(s string) int {
	for _, name := range []string{"relay=", "client=", "helo="} {
		if strings.HasPrefix(s, name) {
			if end := strings.IndexAny(s, ", "); end > 0 {
				return end
			}
			return len(s)
		}
	}
	return 0
}

// address is the length of the mail address that begins at i, or 0.
func address(s string, i int) int {
	if !inLocal(s[i]) || i > 0 && inLocal(s[i-1]) {
		return 0
	}
	at := i
	for at < len(s) && inLocal(s[at]) {
		at++
	}
	if at == len(s) || s[at] != '@' {
		return 0
	}
	end := at + 1
	for end < len(s) && (letter(s[end]) || digit(s[end]) || s[end] == '.' || s[end] == '-') {
		end++
	}
	if end == at+1 {
		return 0
	}
	return end - i
}

func inLocal(c byte) bool { return letter(c) || digit(c) || strings.IndexByte(".+-_", c) >= 0 }

// numbers gives the places of three-digit numbers from 200 to 599 that stand by
// themselves.
func numbers(s string) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		for i := 0; i+3 <= len(s); i++ {
			if s[i] < '2' || s[i] > '5' || !digit(s[i+1]) || !digit(s[i+2]) || !alone(s, i) {
				continue
			}
			if !yield(i) {
				return
			}
			i += 2
		}
	}
}

// alone tells whether the three digits at i are no part of a longer number,
// word, address or time.
func alone(s string, i int) bool {
	if inTag(s, i) || afterName(s, i) {
		return false
	}
	if i > 0 {
		switch c := s[i-1]; {
		case digit(c), letter(c), c == '.' && i > 1 && digit(s[i-2]), c == ':' && i > 1 && digit(s[i-2]), c == '/', c == '_', c == '-' && i > 1 && digit(s[i-2]):
			return false
		}
	}
	if i+3 == len(s) {
		return true
	}
	switch c := s[i+3]; {
	case digit(c), letter(c), c == '_', c == '%', c == '/':
		return false
	case c == '.' || c == ':' || c == ',':
		return i+4 == len(s) || !digit(s[i+4]) || c == ','
	}
	return true
}

// inTag tells whether the digits are a process number of a log: smtp[421]:
func inTag(s string, i int) bool {
	return i >= 2 && s[i-1] == '[' && letter(s[i-2]) && i+3 < len(s) && s[i+3] == ']'
}

// afterName tells whether the digits follow a name and a colon without a blank, as
// ports and line numbers do; an enhanced code behind them speaks for a reply.
func afterName(s string, i int) bool {
	if i < 2 || s[i-1] != ':' || !letter(s[i-2]) || enhancedAt(s, i+4) != "" {
		return false
	}
	for _, word := range []string{"error:", "code:", "said:", "response:", "reply:", "status:"} {
		if strings.HasSuffix(s[:i], word) {
			return false
		}
	}
	return true
}

// sureScore is the score from which a number is a reply code for sure.
const sureScore = 30

// before are words after which a reply code stands.
var before = []string{
	": ", "said ", "smtp; ", "smtp;", "error ", "code ", "code=", "** ", "< ", "got ", "{", "(", "[", "'", "\"",
}

// judge scores a number: how likely it is a reply code.
func judge(s string, at int) int {
	score := 10 * boolInt(s[at] >= '4')
	if at == 0 {
		score += 30
	}
	rest := s[at+3:]
	if rest != "" && (rest[0] == ' ' || rest[0] == '-') && enhancedAt(s, at+4) != "" {
		score += 50
	}
	for _, word := range before {
		if strings.HasSuffix(s[:at], word) {
			score += 25
			break
		}
	}
	for _, word := range []string{"port: ", "port ", "port=", "line ", "pid "} {
		if rest, ok := strings.CutSuffix(s[:at], word); ok && (rest == "" || !letter(rest[len(rest)-1])) {
			score -= 60
		}
	}
	for _, unit := range []string{" bytes", " ms", " sec", " kb", " mb", " byte", " messages", " recipients", " octets"} {
		if strings.HasPrefix(rest, unit) {
			score -= 40
		}
	}
	return score
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// enhancedAt is the enhanced code that stands at i, or none.
func enhancedAt(s string, i int) string {
	if i >= len(s) || s[i] != '2' && s[i] != '4' && s[i] != '5' {
		return ""
	}
	end := i + 1
	for range 2 {
		if end >= len(s) || s[end] != '.' {
			return ""
		}
		first := end + 1
		for end = first; end < len(s) && digit(s[end]); end++ {
		}
		if end == first || end > first+3 {
			return ""
		}
	}
	if end < len(s) && (letter(s[end]) || s[end] == '.' && end+1 < len(s) && digit(s[end+1])) {
		return ""
	}
	return s[i:end]
}

// firstEnhanced is the first enhanced code of a text that is no part of an
// address or a program's version.
func firstEnhanced(s string) string {
	for i := range len(s) {
		if s[i] != '2' && s[i] != '4' && s[i] != '5' {
			continue
		}
		if i > 0 && (digit(s[i-1]) || letter(s[i-1]) || s[i-1] == '.' || s[i-1] == '/' || s[i-1] == '-') && !strings.HasSuffix(s[:i], "x-") {
			continue
		}
		if slices.ContainsFunc([]string{"exim ", "version ", "postfix ", "v"}, func(w string) bool { return strings.HasSuffix(s[:i], w) }) {
			continue
		}
		if found := enhancedAt(s, i); found != "" {
			return found
		}
	}
	return ""
}

func digit(c byte) bool  { return '0' <= c && c <= '9' }
func letter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c >= 0x80 }

func atoi3(s string) int { return int(s[0]-'0')*100 + int(s[1]-'0')*10 + int(s[2]-'0') }

// contradiction says where a reply contradicts itself.
func (l line) contradiction() string {
	switch {
	case l.code >= 200 && l.code <= 599 && l.enhanced != "" && l.code/100 != l.enhancedClass():
		return "The reply contradicts itself: the code is " + classOf(l.code/100) + ", the enhanced code " + classOf(l.enhancedClass()) + ". The basic code counts for whether to try again; the enhanced one says what it is about."
	case l.code/100 == 5 && l.says("queued as", "accepted for delivery", "ok queued", "message accepted"):
		return "The reply contradicts itself: the code refuses and the words accept. Mail programs go by the code, so the mail counts as refused; it may arrive all the same."
	case l.code/100 == 2 && l.says(refusing...):
		return "The reply contradicts itself: the code is a success and the words are a refusal. Mail programs go by the code, so the mail may be lost without a sign."
	}
	return ""
}

// refusing are words of a refusal.
var refusing = []string{
	"rejected", "denied", "refused", "not accepted", "blocked", "undeliverable", "discarded", "mailbox full", "mailbox is full", "over quota",
	"user unknown", "no such user",
}

// says tells whether a line has one of some words.
func (l line) says(words ...string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(l.words, w) })
}
