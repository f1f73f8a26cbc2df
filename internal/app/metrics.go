package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/rungmail/rungmail/internal/ecom/module"
)

// collector gives the service's metrics as they are when they are asked for. Labels
// come from the plant file only.
type collector struct{ app *App }

// desc describes a metric.
func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("rungmail_"+name, help, labels, nil)
}

// Describe leaves the metrics to Collect, since racks and upstreams are the plant's.
func (collector) Describe(chan<- *prometheus.Desc) {}

// Collect gives the metrics.
func (c collector) Collect(out chan<- prometheus.Metric) {
	c.racks(out)
	if c.app.gate != nil {
		c.gateway(out, c.app.gate)
	}
}

func counter(out chan<- prometheus.Metric, d *prometheus.Desc, v float64, labels ...string) {
	out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, v, labels...)
}

func gauge(out chan<- prometheus.Metric, d *prometheus.Desc, v float64, labels ...string) {
	out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
}

func (c collector) racks(out chan<- prometheus.Metric) {
	scans := desc("rack_scans_total", "Scans since RUN.", "rack")
	sent := desc("module_mails_sent_total", "Mails that ended well.", "rack", "slot")
	failed := desc("module_mails_failed_total", "Mails that ended in error.", "rack", "slot")
	for _, r := range c.app.runners {
		counter(out, scans, float64(r.rack.Scans()), r.name)
		for _, e := range r.ecoms {
			var good, bad uint64
			e.with(func(m *module.Module) { good, bad = m.Counts() })
			slot := strconv.Itoa(e.plant.Slot)
			counter(out, sent, float64(good), r.name, slot)
			counter(out, failed, float64(bad), r.name, slot)
		}
	}
}

func (c collector) gateway(out chan<- prometheus.Metric, g *gate) {
	s := g.status()
	gauge(out, desc("queue_messages", "Messages that are queued or held."), float64(s.Live))
	gauge(out, desc("queue_held_messages", "Messages that are held."), float64(s.Held))
	gauge(out, desc("queue_content_bytes", "Bytes of the contents of live messages."), float64(g.store.Stats().Bytes))
	counter(out, desc("gateway_taken_total", "Messages that were made durable."), float64(s.Taken))
	counter(out, desc("gateway_joined_total", "Resends that joined a message that wasn't answered."), float64(s.Joined))
	counter(out, desc("gateway_verdicts_total", "Devices that heard the upstream's verdict."), float64(s.Verdicts))
	counter(out, desc("gateway_queued_total", "Devices that heard that their mail is queued."), float64(s.Late))
	counter(out, desc("gateway_knocks_total", "Greetings of strangers."), float64(g.Counts.Knocks.Load()))
	gauge(out, desc("gateway_alarms", "Alarms that are on."), float64(len(s.Alarms)))
	well := desc("upstream_well", "Whether an upstream serves.", "upstream")
	for _, u := range s.Upstreams {
		v := 0.0
		if u.Well {
			v = 1
		}
		gauge(out, well, v, u.Name)
	}
}

// serveMetrics serves /metrics and /health.
func (a *App) serveMetrics(address string) error {
	listener, err := a.sockets.listen(context.Background(), address)
	if err != nil {
		return fmt.Errorf("metrics: %w", err)
	}
	registry := prometheus.NewRegistry()
	if err := registry.Register(collector{a}); err != nil {
		return errors.Join(err, listener.Close())
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)}))
	mux.HandleFunc("GET /health", a.health)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: pageReadTime, ReadTimeout: pageReadTime, WriteTimeout: pageWriteTime, IdleTimeout: pageIdleTime, MaxHeaderBytes: maxHeader}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	a.metrics = listener.Addr().String()
	a.cleanUp(func(context.Context) error {
		err := server.Close()
		if served := <-done; !errors.Is(served, http.ErrServerClosed) {
			err = errors.Join(err, served)
		}
		return err
	})
	a.options.Log.Info("metrics and health", "address", a.metrics)
	return nil
}

// health says whether the service does its work: 200 where it does, 503 where it
// doesn't, with the reasons.
func (a *App) health(w http.ResponseWriter, _ *http.Request) {
	reasons := []string{}
	if g := a.gate; g != nil {
		if err := g.store.Failed(); err != nil {
			reasons = append(reasons, "the outbox has failed: "+err.Error())
		}
		for _, alarm := range g.book.On() {
			reasons = append(reasons, alarm.Text)
		}
	}
	code := http.StatusOK
	if len(reasons) > 0 {
		code = http.StatusServiceUnavailable
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(map[string]any{"well": len(reasons) == 0, "reasons": reasons, "time": time.Now().UTC()})
}
