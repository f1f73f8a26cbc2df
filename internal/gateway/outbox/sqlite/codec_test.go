package sqlite_test

import (
	"errors"
	"net/netip"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/rungmail/rungmail/internal/conv"
	"github.com/rungmail/rungmail/internal/gateway/outbox"
	"github.com/rungmail/rungmail/internal/gateway/outbox/sqlite"
	"github.com/rungmail/rungmail/internal/gateway/outbox/storetest"
	"github.com/rungmail/rungmail/internal/mailaddr"
	"github.com/rungmail/rungmail/reply"
)

// TestARecordReadsBack: any record at all does, but for what has columns of its own.
func TestARecordReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := record(t)
		got, err := sqlite.Decode(sqlite.Encode(want))
		if err != nil {
			t.Fatal(err)
		}
		if diff := storetest.Diff(want, got); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	})
}

// drawn are the generators of a record's parts: texts may hold any bytes.
func word(t *rapid.T) string { return string(rapid.SliceOfN(rapid.Byte(), 0, 12).Draw(t, "text")) }

func when(t *rapid.T) time.Time {
	if rapid.Bool().Draw(t, "zero") {
		return time.Time{}
	}
	return time.Unix(rapid.Int64Range(-1<<36, 1<<36).Draw(t, "sec"), rapid.Int64Range(0, 999_999_999).Draw(t, "nano")).UTC()
}

func address(t *rapid.T) mailaddr.Address {
	a, err := mailaddr.Parse(rapid.SampledFrom([]string{"ann@example.com", `"b o b"@example.org`, "x@[192.0.2.1]", "\u00fc@example.com"}).Draw(t, "address"))
	if err != nil {
		t.Fatal(err)
	}
	return rapid.SampledFrom([]mailaddr.Address{{}, a}).Draw(t, "or none")
}

func answer(t *rapid.T) reply.Reply {
	return reply.Reply{Code: rapid.IntRange(0, 999).Draw(t, "code"), Enhanced: word(t), Lines: []string{word(t), word(t)}}
}

func recipients(t *rapid.T) []outbox.Recipient {
	to := make([]outbox.Recipient, rapid.IntRange(0, 3).Draw(t, "recipients"))
	for i := range to {
		to[i] = outbox.Recipient{Address: address(t), Fate: outbox.Fate(word(t)), Reply: answer(t), By: word(t), At: when(t)}
	}
	return to
}

func events(t *rapid.T) []conv.Event {
	all := make([]conv.Event, rapid.IntRange(0, 4).Draw(t, "events"))
	for i := range all {
		all[i] = conv.Event{
			Conversation: rapid.SampledFrom([]string{"", "c1", "c2"}).Draw(t, "conversation"), Time: when(t), Side: conv.Side(word(t)), Kind: conv.Kind(word(t)),
			State: rapid.Int().Draw(t, "state"), Text: word(t), Code: rapid.Int().Draw(t, "code"),
		}
	}
	return all
}

func record(t *rapid.T) outbox.Record {
	r := outbox.Record{
		ID: outbox.ID(word(t)), Received: when(t), Device: word(t), Helo: word(t), From: address(t), To: recipients(t), Subject: word(t), MessageID: word(t),
		UTF8: rapid.Bool().Draw(t, "utf8"), EightBit: rapid.Bool().Draw(t, "8bit"), Size: rapid.Int64().Draw(t, "size"), Repairs: []string{word(t)},
		Original: []byte(word(t)), State: outbox.State(word(t)), Why: word(t), Next: when(t), Expires: when(t), Tries: rapid.Int().Draw(t, "tries"),
		Peer: rapid.SampledFrom([]netip.Addr{{}, netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("fe80::1%eth0"), netip.MustParseAddr("::ffff:1.2.3.4")}).Draw(t, "peer"),
	}
	copy(r.Sum[:], word(t))
	copy(r.Twin[:], word(t))
	for range rapid.IntRange(0, 2).Draw(t, "attempts") {
		r.Attempts = append(r.Attempts, outbox.Attempt{
			Upstream: word(t), Began: when(t), Ended: when(t), Result: word(t), Reply: answer(t), Recipients: recipients(t), Events: events(t),
			State: outbox.State(word(t)), Next: when(t),
		})
	}
	return r
}

// TestADamagedRecordIsNoticed flips each bit in turn, and cuts it at each byte.
func TestADamagedRecordIsNoticed(t *testing.T) {
	r := storetest.NewRecord(storetest.NewID())
	r.Take(storetest.NewAttempt(time.Time{}), time.Time{})
	text := sqlite.Encode(r)
	for i := range text {
		if _, err := sqlite.Decode(text[:i]); !errors.Is(err, outbox.ErrCorrupt) {
			t.Fatalf("cut at %d of %d bytes: %v", i, len(text), err)
		}
		for bit := range 8 {
			text[i] ^= 1 << bit
			if _, err := sqlite.Decode(text); !errors.Is(err, outbox.ErrCorrupt) {
				t.Fatalf("with bit %d of byte %d turned: %v", bit, i, err)
			}
			text[i] ^= 1 << bit
		}
	}
}

// FuzzRecord reads what a checksum has been put on, so that the parser is met.
func FuzzRecord(f *testing.F) {
	r := storetest.NewRecord("0190")
	f.Add(sqlite.Encode(outbox.Record{})[5:])
	f.Add(sqlite.Encode(r)[5:])
	r.Take(storetest.NewAttempt(time.Time{}), time.Time{})
	f.Add(sqlite.Encode(r)[5:])
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := sqlite.Decode(sqlite.Seal(body))
		if err != nil {
			return
		}
		again, err := sqlite.Decode(sqlite.Encode(r))
		if err != nil {
			t.Fatal(err)
		}
		if diff := storetest.Diff(r, again); diff != "" {
			t.Fatalf("what was read reads back otherwise (-want +got):\n%s", diff)
		}
	})
}
