# Rungmail. Needs Go; `make test` fetches everything else (scripts/setup).

VERSION  := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
RELEASES := linux-amd64 linux-arm64 linux-arm windows-amd64
CROSS    := $(RELEASES) darwin-arm64
BENCHED   = $(shell grep -rl --include='*_test.go' '^func Benchmark' . | xargs -r dirname | sort -u)

TOOL  := go tool -modfile=tools/go.mod
BUILD := CGO_ENABLED=0 go build -trimpath -ldflags '-s -w -X main.version=$(VERSION)'
target = GOOS=$(word 1,$(subst -, ,$*)) GOARCH=$(word 2,$(subst -, ,$*))

# ARM v6 runs on every Raspberry Pi; Debian keeps mail programs in sbin.
export GOARM := 6
export PATH  := $(PATH):/usr/sbin

.PHONY: help demo test bench soak check dist build clean setup lint modules $(CROSS:%=cross-%) $(RELEASES:%=dist-%)

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: build ## build it and watch a rung send a mail; needs Go only
	bin/rungmail demo

test: setup lint ## get what the tests need, then lint and run every test
	go test -race -shuffle=on -timeout=5m ./...

bench: ## run every benchmark
	$(if $(BENCHED),go test -run='^$$' -bench=. -benchmem $(BENCHED),@echo no benchmarks yet)

soak: setup ## kill the gateway 200 times under load, and see that nothing is lost
	RUNGMAIL_SOAK=200 go test -count=1 -timeout=60m -v -run=Killed ./internal/gateway/outbox/sqlite ./internal/strangers

check: lint modules $(CROSS:%=cross-%) ## lint, check the modules and build for every platform

dist: $(RELEASES:%=dist-%) ## the programs to release and their checksums, in dist/
	cd dist && sha256sum rungmail-$(VERSION)-* | tee SHA256SUMS

build: ## build bin/rungmail for this machine
	$(BUILD) -o bin/ ./cmd/rungmail

clean: ## remove what was built
	rm -rf bin dist/rungmail-* dist/SHA256SUMS coverage*

setup: ## install the programs that the tests talk to
	@scripts/setup

lint: ## go vet, gofumpt and golangci-lint
	go vet ./...
	$(TOOL) gofumpt -d .
	$(TOOL) golangci-lint run

modules: ## check that go.mod says what is used, and that the modules are what it says
	go mod verify
	go mod tidy -e -diff # -e: what only a dependency's own tests import may be out of reach

$(CROSS:%=cross-%): cross-%:
	$(target) CGO_ENABLED=0 go build -o /dev/null ./...

$(RELEASES:%=dist-%): dist-%:
	$(target) $(BUILD) -o dist/rungmail-$(VERSION)-$*$(if $(filter windows-%,$*),.exe) ./cmd/rungmail
