package intake

// End is why a conversation was over; also a label of metrics.
type End string

// The ends.
const (
	Quit          End = "quit"           // in order
	HungUp        End = "hung-up"        // without QUIT
	TimedOut      End = "timed-out"      //
	TooManyErrors End = "errors"         //
	Flooded       End = "flood"          // commands without end
	OutOfStep     End = "out-of-step"    // text where none was due, or in doubt
	TooBig        End = "too-big"        // text that went on far beyond what is taken
	HTTP          End = "http"           // a web request
	TLSOnPlain    End = "tls-on-plain"   // a TLS handshake where none was due
	Injected      End = "injected"       // commands before the handshake
	NoHandshake   End = "no-handshake"   // TLS didn't come about
	Stopped       End = "stopped"        // the server was
	NoReader      End = "no-reader"      // the client takes no replies
	Crowded       End = "crowded"        // there was no room for it
	Failed        End = "internal-error" // ours
)

// ends are all of them, in the order of the counters.
func ends() []End {
	return []End{
		Quit, HungUp, TimedOut, TooManyErrors, Flooded, OutOfStep, TooBig, HTTP, TLSOnPlain,
		Injected, NoHandshake, Stopped, NoReader, Crowded, Failed,
	}
}
