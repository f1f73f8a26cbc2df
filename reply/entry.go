package reply

// Owner is who can make a fix.
type Owner string

// The owners.
const (
	Operator Owner = "operator"          // who runs the machine or the device
	Controls Owner = "controls engineer" // who programs the controller
	IT       Owner = "IT"                // who runs the plant's mail and network
	Provider Owner = "provider"          // who runs the other end: a mail provider, a recipient's mail system
)

// Retry is whether sending the same again can help.
type Retry string

// The answers.
const (
	RetryNone   Retry = "not needed"     // nothing failed
	RetryYes    Retry = "yes"            // soon, as it is
	RetryLater  Retry = "later"          // as it is, after minutes or hours
	RetryChange Retry = "after a change" // once a fix has been made
	RetryNo     Retry = "no"             // never
)

// Fix is something to do, and whose it is.
type Fix struct {
	Owner Owner  `json:"owner"`
	Text  string `json:"text"`
}

// entry is what is known under one rule id. Every text is a sentence or more of
// plain words, each with its full stop but for the title.
type entry struct {
	id      string // "basic/550", "enhanced/7.1", "m365/basic-auth-off", "ecom/24", "tcp/refused", "oki/71"
	title   string // a few words, lower case, no full stop
	meaning string
	causes  []string // the likeliest first
	fixes   []Fix    // the best first
	retry   Retry
	sources []string // "RFC 5321 section 4.2.3", "seeds/001", "Microsoft Learn"
	see     []string // ids of entries to look at too
	later   []dated  // how it reads from a day on, earliest first
}

// dated is how an entry reads from a day on; what is empty stays as it was.
type dated struct {
	from    string // "2027-01-01"
	meaning string
	causes  []string
	fixes   []Fix
}

// basicEntry is a three-digit reply code.
type basicEntry struct {
	code int
	entry
}

// enhancedEntry is a registered enhanced code without its class: "7.1". Meaning,
// causes and fixes speak of the refusal (classes 4 and 5); the class says whether
// it is for now or for good.
type enhancedEntry struct {
	key string
	entry
}

// textRule is a refusal that is known by its words. It fits when the code is one
// of codes and the enhanced code one of enhanced, where they are given and the
// line has any; when all of all, at least one of any and none of none are in the
// line. Parts are lower case.
type textRule struct {
	entry
	provider string // "Microsoft 365", "Gmail", "Postfix", "any"
	codes    []int
	enhanced []string // "5.7.30"; "*.7.1" for every class
	all      []string
	any      []string
	none     []string
	// addresses makes parts be looked for in mail addresses and host names too.
	addresses bool
}

// deviceCode is a code or message on a device's own panel.
type deviceCode struct {
	entry
	maker string   // "oki"; as --device takes it
	code  string   // "71"; empty for a message without a number
	words []string // parts of the message, lower case, by which a pasted line is known
}
