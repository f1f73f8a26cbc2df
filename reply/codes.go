package reply

// Code is a three-digit reply code by its name.
type Code int

// The codes of RFC 5321 section 4.2.3, and of the extensions that are named.
const (
	NonstandardSuccess     Code = 200 // no standard; RFC 876
	SystemStatus           Code = 211 // RFC 5321
	HelpMessage            Code = 214 // RFC 5321
	ServiceReady           Code = 220 // RFC 5321; RFC 3207: go ahead with TLS
	ServiceClosing         Code = 221 // RFC 5321
	AuthSucceeded          Code = 235 // RFC 4954
	OK                     Code = 250 // RFC 5321
	UserNotLocalForward    Code = 251 // RFC 5321
	CannotVerify           Code = 252 // RFC 5321
	PendingStarted         Code = 253 // RFC 1985
	AuthContinue           Code = 334 // RFC 4954
	StartMailInput         Code = 354 // RFC 5321
	TransactionOffset      Code = 355 // RFC 1845
	ServiceNotAvailable    Code = 421 // RFC 5321
	MailboxOverLimit       Code = 422 // RFC 5248
	TemporaryRoutingFault  Code = 430 // RFC 5248
	PasswordTransition     Code = 432 // RFC 4954
	MailboxBusy            Code = 450 // RFC 5321
	LocalError             Code = 451 // RFC 5321
	InsufficientStorage    Code = 452 // RFC 5321
	NoMail                 Code = 453 // RFC 2645
	TemporaryAuthFailure   Code = 454 // RFC 4954; RFC 3207: TLS not available for now
	ParametersNotPossible  Code = 455 // RFC 5321
	CannotQueue            Code = 458 // RFC 1985
	NodeNotAllowed         Code = 459 // RFC 1985
	CommandUnrecognised    Code = 500 // RFC 5321
	ParameterSyntax        Code = 501 // RFC 5321
	CommandNotImplemented  Code = 502 // RFC 5321
	BadSequence            Code = 503 // RFC 5321
	ParameterNotPossible   Code = 504 // RFC 5321
	HostAcceptsNoMail      Code = 521 // RFC 7504
	EncryptionNeeded       Code = 523 // RFC 5248
	EncryptionForPassword  Code = 524 // RFC 5248
	AccountDisabled        Code = 525 // RFC 5248
	AuthRequired           Code = 530 // RFC 4954; RFC 3207: STARTTLS first
	PolicyRefusal          Code = 533 // RFC 5248
	AuthTooWeak            Code = 534 // RFC 4954
	CredentialsInvalid     Code = 535 // RFC 4954
	EncryptionForMechanism Code = 538 // RFC 4954
	MailboxUnavailable     Code = 550 // RFC 5321
	UserNotLocal           Code = 551 // RFC 5321
	StorageExceeded        Code = 552 // RFC 5321; RFC 1870: message over SIZE
	MailboxNameNotAllowed  Code = 553 // RFC 5321
	TransactionFailed      Code = 554 // RFC 5321
	ParametersUnrecognised Code = 555 // RFC 5321
	DomainAcceptsNoMail    Code = 556 // RFC 7504
	TooManyDuplicates      Code = 557 // no standard; old lists
	Blocked                Code = 571 // no standard; old lists
	RelayNotAuthorised     Code = 572 // no standard; old lists
)
