// Command rungmail is the ECOM100 e-mail system in software: a soft DirectLOGIC
// rack with virtual ECOM100 modules, and the tools around it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
)

// version is set by the linker.
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr})
	stop()
	os.Exit(code)
}

// streams is where a command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// Exit statuses: 0 yes, 1 no, 2 wrong usage, 3 couldn't.
const (
	exitYes     = 0
	exitNo      = 1
	exitUsage   = 2
	exitCouldnt = 3
)

// exit is an error that knows its exit status. With no text it has been told
// already.
type exit struct {
	code int
	text string
}

func (e exit) Error() string { return e.text }

// usage is an error of the command line.
func usage(format string, args ...any) error { return exit{exitUsage, fmt.Sprintf(format, args...)} }

// no is the answer no, with a reason unless that has been told.
func no(format string, args ...any) error { return exit{exitNo, fmt.Sprintf(format, args...)} }

// cli is every command.
type cli struct {
	Demo     demoCmd     `cmd:"" help:"Run the Widget Report against a built-in mail catcher."`
	Check    checkCmd    `cmd:"" help:"Check a ladder program."`
	Try      tryCmd      `cmd:"" help:"Run a ladder program on a soft CPU and see its mail."`
	Send     sendCmd     `cmd:"" help:"Send one mail the way the module does."`
	Explain  explainCmd  `cmd:"" help:"Say what a code, a reply or an error message means, and what to do."`
	Diagnose diagnoseCmd `cmd:"" help:"Say what Success, Error and Error Code mean together."`
	Viewer   viewerCmd   `cmd:"" help:"Watch a module's e-mail trace, with explanations."`
	Device   deviceCmd   `cmd:"" help:"Find ECOM100 modules on the network, and set them up."`
	PLC      plcCmd      `cmd:"" name:"plc" help:"Read, write and watch the memory of a controller."`
	Queue    queueCmd    `cmd:"" help:"See the gateway's mail, and look after it."`
	Doctor   doctorCmd   `cmd:"" help:"Say what is wrong on the way to a mail server, and who mends it."`
	Login    loginCmd    `cmd:"" help:"Sign in once for an upstream that wants OAuth."`
	Gateway  gatewayCmd  `cmd:"" help:"Judge a message as the gateway would."`
	Backup   backupCmd   `cmd:"" help:"Copy the outbox of the running service."`
	Run      runCmd      `cmd:"" help:"Run the racks of a plant file as a service."`
	Status   statusCmd   `cmd:"" help:"Show what the running service does."`
	Reload   reloadCmd   `cmd:"" help:"Have the running service read its plant file again."`
	Plant    plantCmd    `cmd:"" help:"Write or judge a plant file."`
	Version  versionCmd  `cmd:"" help:"Print the version."`
}

// run is the whole program but for the process around it.
func run(ctx context.Context, args []string, s streams) (code int) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case exit: // kong ends --help by its exit function
			code = r.code
		default:
			panic(r)
		}
	}()
	parser, err := kong.New(&cli{}, kong.Name("rungmail"),
		kong.Description("The ECOM100 e-mail system in software: ladder in, mail out, and the truth back in the Error Code.\n\nExample: rungmail try examples/widget-report.rll --set V3000=2 --set V3001=57555 --pulse C10"),
		kong.Writers(s.out, s.err), kong.Exit(func(int) { panic(exit{code: exitYes}) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(s))
	if err != nil {
		panic(err) // the command table itself is wrong
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		return s.fail(exit{exitUsage, err.Error() + "; see rungmail --help"})
	}
	return s.fail(parsed.Run())
}

// fail tells an error and gives its exit status.
func (s streams) fail(err error) int {
	if err == nil {
		return exitYes
	}
	code := exitCouldnt
	var e exit
	if errors.As(err, &e) {
		code = e.code
	}
	s.warn(err)
	return code
}

// warn tells an error that has a text; one without has been told already.
func (s streams) warn(err error) {
	if text := err.Error(); text != "" {
		_, _ = fmt.Fprintf(s.err, "rungmail: %s\n", text)
	}
}

// self is how this program was started: a command that is printed to be copied begins
// with it. By its bare name alone it is only found on the PATH.
func self() string { return started(os.Args[0]) }

func started(name string) string {
	switch {
	case !strings.ContainsAny(name, `/\`):
		return "rungmail"
	case strings.Contains(name, " "):
		return `"` + name + `"`
	}
	return name
}

// printf writes to standard output; what can't be written has nobody to read it.
func (s streams) printf(format string, args ...any) { _, _ = fmt.Fprintf(s.out, format, args...) }

type versionCmd struct{}

// Help is the example of --help.
func (versionCmd) Help() string { return "Example: rungmail version" }

// Run prints the version.
func (versionCmd) Run(s streams) error {
	s.printf("rungmail %s\n", version)
	return nil
}
