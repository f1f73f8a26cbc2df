package reply

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// everything is every entry of the knowledge base.
func everything() []*entry {
	var list []*entry
	for _, kind := range kinds {
		list = append(list, entriesOf(kind)...)
	}
	return list
}

// whole reports what an explanation lacks.
func whole(t *testing.T, name string, x Explanation) {
	t.Helper()
	if x.Title == "" || x.Meaning == "" || len(x.Causes) == 0 || len(x.Fixes) == 0 || x.Retry == "" || x.Rule == "" || x.Class == "" || x.Confidence == "" {
		t.Errorf("%s isn't whole: %+v", name, x)
	}
	owners := []Owner{Operator, Controls, IT, Provider}
	for _, f := range x.Fixes {
		if !slices.Contains(owners, f.Owner) || f.Text == "" {
			t.Errorf("%s has the fix %+v", name, f)
		}
	}
}

// The registries, written out by hand (facts/replies.md 1.6 and 1.7).
var (
	registeredBasic    = strings.Fields("200 211 214 220 221 235 250 251 252 253 334 354 355 421 422 430 432 450 451 452 453 454 455 458 459 500 501 502 503 504 521 523 524 525 530 533 534 535 538 550 551 552 553 554 555 556 557 571 572")
	registeredEnhanced = strings.Fields("0.0 1.0 1.1 1.2 1.3 1.4 1.5 1.6 1.7 1.8 1.9 1.10 2.0 2.1 2.2 2.3 2.4 3.0 3.1 3.2 3.3 3.4 3.5 3.6 4.0 4.1 4.2 4.3 4.4 4.5 4.6 4.7 " +
		"5.0 5.1 5.2 5.3 5.4 5.5 5.6 6.0 6.1 6.2 6.3 6.4 6.5 6.6 6.7 6.8 6.9 6.10 7.0 7.1 7.2 7.3 7.4 7.5 7.6 7.7 7.8 7.9 7.10 7.11 7.12 7.13 7.14 7.15 7.16 7.17 7.18 7.19 " +
		"7.20 7.21 7.22 7.23 7.24 7.25 7.26 7.27 7.28 7.29 7.30")
)

func TestEveryRegisteredCodeIsWhole(t *testing.T) {
	if len(registeredEnhanced) != 81 || len(enhancedEntries) != 81 {
		t.Errorf("%d enhanced codes in the list, %d in the data; the registry has 81", len(registeredEnhanced), len(enhancedEntries))
	}
	for _, code := range registeredBasic {
		if x := Explain(code); x.Rule != "basic/"+code || x.General {
			t.Errorf("%s is explained by %s", code, x.Rule)
		} else {
			whole(t, code, x)
		}
	}
	for _, key := range registeredEnhanced {
		for _, class := range []string{"2", "4", "5"} {
			x := Explain(class + "." + key)
			if x.Rule != "enhanced/"+key || x.Enhanced != class+"."+key {
				t.Errorf("%s.%s is explained by %s", class, key, x.Rule)
			}
			whole(t, class+"."+key, x)
		}
	}
	for code := range 2100 {
		whole(t, fmt.Sprint("ecom ", code), Explainer{}.Ecom(code))
		whole(t, fmt.Sprint("number ", code), Explain(fmt.Sprint(code)))
	}
	for _, d := range deviceCodes {
		if d.code == "" {
			continue
		}
		x, err := Explainer{}.Device(d.maker, d.code)
		if err != nil || x.Rule != d.id {
			t.Errorf("%s %s: %s, %v", d.maker, d.code, x.Rule, err)
		}
		whole(t, d.id, x)
	}
}

func TestEveryEntryIsWhole(t *testing.T) {
	ids := map[string]bool{}
	for _, e := range everything() {
		if ids[e.id] {
			t.Errorf("%s is there twice", e.id)
		}
		ids[e.id] = true
		whole(t, e.id, Explainer{}.entry(e, line{code: 550}, "", High))
		if len(e.sources) == 0 {
			t.Errorf("%s has no source", e.id)
		}
		if strings.HasSuffix(e.title, ".") {
			t.Errorf("the title of %s has a full stop", e.id)
		}
	}
	for _, e := range everything() {
		for _, other := range e.see {
			if !ids[other] {
				t.Errorf("%s says see also %s, which isn't there", e.id, other)
			}
		}
	}
}

// TestNoTextIsACopy: two entries that share a text were written by copying.
func TestNoTextIsACopy(t *testing.T) {
	owner := map[string]string{}
	digits := regexp.MustCompile(`[0-9]+`)
	claim := func(id, text string) {
		key := digits.ReplaceAllString(strings.ToLower(text), "#")
		if other, taken := owner[key]; taken {
			t.Errorf("%s and %s share %q", other, id, text)
		}
		owner[key] = id
		if !strings.HasSuffix(text, ".") {
			t.Errorf("%s: no full stop after %q", id, text)
		}
	}
	for _, e := range everything() {
		texts := append([]string{e.meaning}, e.causes...)
		for _, f := range e.fixes {
			texts = append(texts, f.Text)
		}
		for _, d := range e.later {
			if d.meaning != "" {
				texts = append(texts, d.meaning)
			}
			texts = append(texts, d.causes...)
			for _, f := range d.fixes {
				texts = append(texts, f.Text)
			}
		}
		for _, text := range texts {
			claim(e.id, text)
		}
	}
}

func TestEveryTextRuleIsReached(t *testing.T) {
	reached := map[string]bool{}
	for _, file := range []string{"golden.txt", "wire.txt", "device.txt"} {
		for _, s := range samples(t, file) {
			reached[Explain(s.line).Rule] = true
		}
	}
	for _, rules := range [][]textRule{microsoftRules, googleRules, otherRules, genericRules, wireRules} {
		for _, r := range rules {
			if !reached[r.id] {
				t.Errorf("no golden line reaches %s", r.id)
			}
		}
	}
}

func TestEveryWinsockNumberHasItsRule(t *testing.T) {
	for _, w := range winsock {
		if x := Explain(fmt.Sprint(w.code)); x.Rule != w.rule || x.Class != "network" {
			t.Errorf("%d is explained by %s, want %s", w.code, x.Rule, w.rule)
		}
	}
}

func TestNamedCodesAreInTheData(t *testing.T) {
	for _, c := range []Code{
		SystemStatus, HelpMessage, ServiceReady, ServiceClosing, AuthSucceeded, OK, UserNotLocalForward, CannotVerify, PendingStarted,
		AuthContinue, StartMailInput, TransactionOffset, ServiceNotAvailable, PasswordTransition, MailboxBusy, LocalError,
		InsufficientStorage, NoMail, TemporaryAuthFailure, ParametersNotPossible, CannotQueue, NodeNotAllowed, CommandUnrecognised,
		ParameterSyntax, CommandNotImplemented, BadSequence, ParameterNotPossible, HostAcceptsNoMail, EncryptionNeeded, AccountDisabled,
		AuthRequired, AuthTooWeak, CredentialsInvalid, EncryptionForMechanism, MailboxUnavailable, UserNotLocal, StorageExceeded,
		MailboxNameNotAllowed, TransactionFailed, ParametersUnrecognised, DomainAcceptsNoMail, NonstandardSuccess, MailboxOverLimit, TemporaryRoutingFault, EncryptionForPassword, PolicyRefusal,
		TooManyDuplicates, Blocked, RelayNotAuthorised,
	} {
		if _, ok := tables().basic[int(c)]; !ok {
			t.Errorf("code %d has a name and no entry", c)
		}
	}
}
