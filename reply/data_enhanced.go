package reply

import "slices"

// enhancedEntries is the registry of enhanced status codes (RFC 3463, RFC 5248,
// and what has been added since), by subject and detail.
var enhancedEntries = slices.Concat(
	enhancedOther, enhancedAddress, enhancedMailbox, enhancedSystem, enhancedNetwork,
	enhancedProtocol, enhancedContent, enhancedSecurity, enhancedPolicy,
)

// enhancedOther is subject 0.
var enhancedOther = []enhancedEntry{
	{"0.0", entry{
		id: "enhanced/0.0", title: "nothing more is known",
		meaning: "The server gives the class only: 2 for sent, 4 for not now, 5 for no. What went wrong isn't said in the code.",
		causes: []string{
			"The recipient's address doesn't exist, the commonest case by far.",
			"A fault in DNS keeps the mail from its destination.",
			"The receiving server blocks the sender and doesn't want to say why.",
			"With class 4 the server that holds the mail goes on trying until its own time limit, so a warning of this kind may clear up unaided.",
		},
		fixes: []Fix{
			{Controls, "Go by the three-digit code and the text beside it, and check the recipients' spelling first."},
			{IT, "Search the mail server's log for the time of the refusal; it often keeps the reason that the code leaves out."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 3463 section 3.1", "list of extended SMTP codes"}, see: []string{"enhanced/1.0", "enhanced/3.0", "enhanced/7.0"},
	}},
}
