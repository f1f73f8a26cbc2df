package main

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/rungmail/rungmail/internal/app"
	"github.com/rungmail/rungmail/internal/gateway/upstream"
	"github.com/rungmail/rungmail/internal/mailaddr"
	"github.com/rungmail/rungmail/internal/smtpwire"
)

type doctorCmd struct {
	Upstream string `arg:"" optional:"" help:"An upstream of the plant file; without one all of them." placeholder:"UPSTREAM"`
	Plant    string `help:"The plant file (plant.toml unless named)." default:"plant.toml" placeholder:"PLANT"`
	Sender   string `help:"Ask whether it lets this address send." placeholder:"ADDRESS"`
	To       string `help:"Ask whether it takes mail for this address; nothing is sent." placeholder:"ADDRESS"`
	JSON     bool   `help:"Print one JSON object a step."`
}

// Help is the example of --help.
func (doctorCmd) Help() string {
	return "Walks the way to a mail server - name, route, connection, greeting, TLS, certificate, login, sender, recipient, clock, disk - and says for each step what is wrong and who mends it. It needs no running service, and sends nothing.\nExit status: 0 all well, 1 something isn't, 3 no plant file.\n\nExample: rungmail doctor office --sender plant@example.com --to it@example.com"
}

// Run examines upstreams.
func (c doctorCmd) Run(ctx context.Context, s streams) error {
	file, err := readPlant(c.Plant)
	if err != nil {
		return err
	}
	if file.Gateway == nil {
		return no("%s has no [gateway]", c.Plant)
	}
	probing, err := c.probing()
	if err != nil {
		return err
	}
	patients, err := app.Upstreams(file, c.Upstream)
	if err != nil {
		return no("%s", err)
	}
	well := c.tell(s, app.DiskFinding(file))
	for _, p := range patients {
		if !c.JSON {
			s.printf("%s\n", p.Name())
		}
		well = p.Probe(ctx, probing, func(f upstream.Finding) { c.tell(s, f) }) && well
		_ = p.Close()
	}
	if !well {
		return no("")
	}
	return nil
}

func (c doctorCmd) probing() (p upstream.Probing, err error) {
	if c.Sender != "" {
		if p.Sender, err = mailaddr.Parse(c.Sender); err != nil {
			return p, usage("--sender: %s", err)
		}
	}
	if c.To != "" {
		if p.Recipient, err = mailaddr.Parse(c.To); err != nil {
			return p, usage("--to: %s", err)
		}
		if c.Sender == "" {
			return p, usage("--to needs --sender: a server asks for it first")
		}
	}
	return p, nil
}

// tell prints a finding, and returns whether it is good.
func (c doctorCmd) tell(s streams, f upstream.Finding) bool {
	if c.JSON {
		_ = s.jsonLine(f)
		return f.OK
	}
	mark := "ok  "
	if !f.OK {
		mark = "FAIL"
	}
	s.printf("  %s %-12s %s\n", mark, f.Name, smtpwire.Printable(f.Text))
	if f.Why != "" {
		s.printf("       %s\n", smtpwire.Printable(f.Why))
	}
	if f.Fix != "" {
		s.printf("       (%s) %s\n", f.Whose, smtpwire.Printable(f.Fix))
	}
	return f.OK
}

type loginCmd struct {
	Upstream string `arg:"" help:"An upstream of the plant file, with device_url and refresh_token_file." placeholder:"UPSTREAM"`
	Plant    string `help:"The plant file (plant.toml unless named)." default:"plant.toml" placeholder:"PLANT"`
}

// Help is the example of --help.
func (loginCmd) Help() string {
	return "Shows a code and an address; a person signs in there once, and the refresh token that comes of it is written to refresh_token_file.\nExit status: 0 signed in, 1 refused, 3 couldn't.\n\nExample: rungmail login office"
}

// Run signs in.
func (c loginCmd) Run(ctx context.Context, s streams) error {
	file, err := readPlant(c.Plant)
	if err != nil {
		return err
	}
	device, save, err := app.DeviceLogin(file, c.Upstream)
	if err != nil {
		return no("%s", err)
	}
	invitation, err := device.Begin(ctx)
	if err != nil {
		return no("%s", err)
	}
	s.printf("Open %s in a browser, sign in as the mailbox that sends, and type the code\n\n    %s\n\nwaiting...\n", smtpwire.Printable(invitation.Page), smtpwire.Printable(invitation.Code))
	token, err := device.Wait(ctx, invitation)
	if err != nil {
		return no("%s", err)
	}
	if err := save(token); err != nil {
		return exit{exitCouldnt, err.Error()}
	}
	s.printf("signed in; try rungmail doctor %s\n", c.Upstream)
	return nil
}

// gatewayCmd is what judges messages.
type gatewayCmd struct {
	Check gatewayCheckCmd `cmd:"" help:"Say what would happen to a message, sending nothing."`
}

type gatewayCheckCmd struct {
	Message string `arg:"" help:"A file with the message as a device would send it; - reads standard input." placeholder:"MESSAGE.eml"`
	From    string `help:"The address that the device connects from." required:"" placeholder:"ADDRESS"`
	Sender  string `help:"The envelope's sender; the message's From unless given." placeholder:"ADDRESS"`
	To      string `help:"The envelope's recipients, with commas between; the message's To and Cc unless given." placeholder:"ADDRESSES"`
	Plant   string `help:"The plant file (plant.toml unless named)." default:"plant.toml" placeholder:"PLANT"`
	JSON    bool   `help:"Print one JSON object."`
}

// Help is the example of --help.
func (gatewayCheckCmd) Help() string {
	return "Says which device it would be, whether it may send this, what would be repaired, and by which route it would go.\nExit status: 0 it would be taken, 1 it would be refused.\n\nExample: rungmail gateway check report.eml --from 192.168.12.86"
}

// Run judges a message.
func (c gatewayCheckCmd) Run(s streams) error {
	file, err := readPlant(c.Plant)
	if err != nil {
		return err
	}
	text, err := c.read(s)
	if err != nil {
		return exit{exitCouldnt, err.Error()}
	}
	verdict, err := app.CheckMessage(file, app.CheckedMessage{Address: c.From, Sender: c.Sender, To: c.To, Text: text})
	if err != nil {
		return usage("%s", err)
	}
	if c.JSON {
		if err := s.json(verdict); err != nil {
			return err
		}
	} else {
		for _, line := range verdict.Lines() {
			s.printf("%s\n", smtpwire.Printable(line))
		}
	}
	if !verdict.Taken {
		return no("")
	}
	return nil
}

// maxMessage bounds the message that is read.
const maxMessage = 64 << 20

func (c gatewayCheckCmd) read(s streams) ([]byte, error) {
	in := s.in
	if c.Message != "-" {
		f, err := os.Open(c.Message)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, maxMessage+1))
	if err == nil && len(text) > maxMessage {
		err = errors.New("the message is over 64 MiB")
	}
	return text, err
}
