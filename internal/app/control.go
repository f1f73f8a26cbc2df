package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/rungmail/rungmail/internal/durable"
	"github.com/rungmail/rungmail/internal/plant"
)

func uitoa(n uint16) string { return strconv.Itoa(int(n)) }

// controlServer answers commands on the control socket.
type controlServer struct {
	address string
	http    *http.Server
	done    chan struct{}
}

// serveControl opens the control socket.
func (a *App) serveControl() (*controlServer, error) {
	listener, guard, err := listenControl(a.state)
	if err != nil {
		return nil, err
	}
	s := &controlServer{
		address: listener.Addr().String(),
		done:    make(chan struct{}),
		http: &http.Server{
			Handler: guard(a.handler()), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second,
			WriteTimeout: 30 * time.Second, IdleTimeout: 30 * time.Second, MaxHeaderBytes: 16 << 10,
		},
	}
	go func() {
		defer close(s.done)
		if err := s.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			a.options.Log.Error("control socket", "error", err)
		}
	}()
	return s, nil
}

// stop lets answers that are under way go out, as long as the context allows.
func (s *controlServer) stop(ctx context.Context) error {
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, s.http.Close())
	}
	<-s.done
	return err
}

// handler is the control API, version 1.
func (a *App) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/status", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, a.Status())
	})
	mux.HandleFunc("POST /v1/reload", func(w http.ResponseWriter, _ *http.Request) {
		taken, err := a.Reload()
		if err != nil {
			a.options.Log.Warn("reload refused", "error", err.Error())
			answer(w, http.StatusConflict, ReloadAnswer{Changes: []Change{}, Problems: lines(err), Warnings: []string{}})
			return
		}
		for _, c := range taken.Changes {
			a.options.Log.Info("reload", "change", c.String())
		}
		a.options.Log.Info("reloaded", "changes", len(taken.Changes))
		answer(w, http.StatusOK, ReloadAnswer{Taken: true, Changes: taken.Changes, Problems: []string{}, Warnings: taken.Warnings.Texts()})
	})
	a.gatewayHandler(mux)
	return mux
}

// ReloadAnswer is what a reload came to.
type ReloadAnswer struct {
	Taken    bool     `json:"taken"`
	Changes  []Change `json:"changes"`
	Problems []string `json:"problems"` // why nothing was taken
	Warnings []string `json:"warnings"`
}

// lines is an error's problems, one each.
func lines(err error) []string {
	var faults plant.Errors
	var problems Problems
	var out []string
	switch {
	case errors.As(err, &faults):
		for _, f := range faults {
			out = append(out, f.Error())
		}
	case errors.As(err, &problems):
		out = problems.Texts()
	default:
		out = []string{err.Error()}
	}
	return out
}

func answer(w http.ResponseWriter, code int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(v) // a caller that has gone needs no answer
}

// writeAddresses notes where the service answers.
func (a *App) writeAddresses(control string) error {
	addresses := map[string]string{"control": control}
	for _, r := range a.runners {
		for _, e := range r.ecoms {
			for name, at := range e.addresses {
				addresses[fmt.Sprintf("%s/slot-%d/%s", r.name, e.plant.Slot, name)] = at
			}
		}
	}
	if a.gate != nil {
		for i, at := range a.gate.listeners {
			addresses[fmt.Sprintf("gateway/listener-%d", i+1)] = at
		}
	}
	if a.metrics != "" {
		addresses["metrics"] = a.metrics
	}
	text, err := json.MarshalIndent(addresses, "", "  ")
	if err != nil {
		return err
	}
	return durable.WriteFile(durable.OS{}, a.addressFile(), append(text, '\n'))
}

// lockState makes the state folder and takes it for this process.
func lockState(state string) (*os.File, error) {
	if err := (durable.OS{}).MkdirAll(state); err != nil {
		return nil, err
	}
	if err := ownFolder(state); err != nil {
		return nil, err
	}
	return lockFile(filepath.Join(state, "lock"))
}

// ErrNoService is what a command meets when no service runs.
var ErrNoService = errors.New("no service is running")

// Dial reaches the service that runs on a state folder.
func Dial(state string) *http.Client {
	return &http.Client{Timeout: time.Minute, Transport: knock{state, &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return dialControl(ctx, state) },
	}}}
}

// knock shows each request's right to enter, where the socket doesn't.
type knock struct {
	state string
	next  http.RoundTripper
}

func (k knock) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	if err := authorize(k.state, r); err != nil {
		return nil, err
	}
	return k.next.RoundTrip(r)
}
