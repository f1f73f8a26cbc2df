package plant

// Template returns a plant file to start from, with every key of this version
// explained. It is a good plant file as it stands; its rack runs line4.rll.
// The keys that are commented out show their defaults.
func Template() string { return template }

const template = `# The plant file: which racks run here, and which ECOM100 modules sit in them.
# Relative paths start from the folder of this file.
# A key that is commented out shows its default, or an example where it says so.

# The folder of what must outlive a restart: the modules' ROM copies and more.
state = "state"

# One [[rack]] for each controller.
[[rack]]
name = "line-4"                 # 1 to 32 of a-z, 0-9 and hyphen; each rack has its own
# title = "line-4"              # free text for people
cpu = "DL06"                    # DL05 DL06 DL250-1 DL260 DL450
# firmware = "2.10"             # the lowest that has IBoxes, for the cpu
program = "line4.rll"           # the ladder program; without it the rack runs none
# scan = "10ms"                 # from one scan to the next, 1ms to 1s
# number_width = 5              # of a plain number in PRINT text: 5, or 6
# memory = "soft"               # the only one in this version
# password_file = "secrets/line-4"  # an example: the controller's password, 8 digits or A and 7

  # One [[rack.module]] for each ECOM100 of the rack.
  [[rack.module]]
  slot = 1                      # DL05 1, DL06 1 to 4, DL2xx 1 to 7, DL450 0 to 7
  type = "H0-ECOM100"           # H0 for DL05 and DL06, H2 for DL2xx, H4 for DL450
  # firmware = "4.1.113"        # 4.0.2148 for H2 and H4
  # dip = [7]                   # switches that are on; every ECOM100 box needs 7
  # bind = "127.0.0.1"          # this computer's address: the module dials from it, and its servers listen there

  # How the module is met over the network: none unless named here.
  servers = ["http", "hap", "trace", "modbus"]
  http = 8081                   # web pages; 80 unless set; with 0 any free port, as for the others
  # hap = 28784                 # the Host Ethernet protocol: rungmail device and plc
  # trace = 29298               # the e-mail trace: rungmail viewer
  # trace_reply_port = 29298    # an example: a viewer's port, where it isn't the one that it asks from
  modbus = 5020                 # 502 unless set
  # allow = ["127.0.0.0/8", "::1/128"]        # who is answered at all
  # write_allow = ["127.0.0.0/8", "::1/128"]  # who may change memory and settings; within allow
  # hosts = ["ecom4.plant.example"]           # an example: names of this module in a browser
  # password_file = "secrets/line-4-pages"    # an example: the pages ask for it before a change
  # cert = "line-4.pem"         # an example: TLS for the pages, with key
  # key = "line-4-key.pem"      # an example

  # What the module says of itself.
  name = "Line 4"
  # description = ""
  # mac = "00:E0:62:20:41:86"   # an example; the default follows from rack and slot
  # ip = "127.0.0.1"
  # subnet = "255.255.255.0"
  # gateway = "0.0.0.0"         # 0.0.0.0 is none; else in the subnet of ip

    # The EMail Setup that ROM holds until someone changes it. Once the module
    # has a ROM file, that file counts and this section doesn't.
    [rack.module.email]
    server = "127.0.0.1"        # the mail server's IPv4 address: the module has no DNS
    port = 2525                 # 25 unless set
    sender_name = "Line 4"
    sender_address = "plc@example.com"
    # cc = []                   # these get every mail, such as ["joe@example.com"]
    # timeout = 60              # seconds for the whole mail, 1 to 3600; or "60s"

# The mail gateway: plain SMTP from devices in, today's servers out. To have it, take
# the "# " away from the lines below that you need, and put your own values in.
# docs/gateway.md shows the way from here to Microsoft 365, Gmail or your own server.
#
# [gateway]
# hostname = "gateway.example.com"    # the computer's own unless set
# verdict_wait = "10s"                # how long a device waits for the server's verdict
# operator = "it@example.com"         # hears of mail that failed later
# expire = "120h"                     # how long delivery is tried
# keep = "2160h"                      # how long records are kept
# keep_failed = "336h"                # how long the content of what failed is kept
# max_size = 26214400                 # bytes of a message
# max_connections = 200
# per_address = 20
# alarm_file = "alarms.jsonl"
# webhook = "https://example.com/hook"
# metrics = "127.0.0.1:9464"          # /metrics and /health
#
#   [[gateway.listener]]
#   address = "127.0.0.1:2525"
#   tls = "off"                       # off, starttls, implicit
#   cert = "gateway.pem"              # with the last two, and key
#   key = "gateway-key.pem"
#
#   [[gateway.device]]
#   name = "line-4-plc"
#   title = "Line 4, filler"
#   owner = "Mark, maintenance"
#   place = "Hall 2"
#   addresses = ["127.0.0.1"]
#   from = "plant@example.com"        # what it says of itself is replaced by this
#   may_be = ["example.com"]
#   may_to = ["example.com", "oncall@example.net"]
#   per_minute = 60
#   max_size = 1048576
#   max_recipients = 20
#   user = "line4"                    # only for one that logs in
#   password_file = "secrets/line4"
#   old_tls = false
#   quirks = []                       # bare-lf any-helo no-brackets eight-bit no-quit
#   verdict_wait = "10s"
#   route = "office"
#
#   [[gateway.upstream]]
#   name = "office"
#   host = "smtp.example.com"
#   port = 587
#   tls = "starttls"                  # starttls, implicit, plain
#   login = "plain"                   # none, plain, login, cram-md5, xoauth2
#   user = "plant@example.com"
#   password_file = "secrets/office"  # or "env:NAME", or "credential:NAME" of systemd
#   ca_file = "company-ca.pem"
#   client_cert = "client.pem"
#   client_key = "client-key.pem"
#   pin = "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
#   connections = 3
#   per_minute = 30
#   token_url = "https://login.example.com/token"        # these for xoauth2
#   device_url = "https://login.example.com/devicecode"
#   client_id = "00000000-0000-0000-0000-000000000000"
#   scope = "https://outlook.office365.com/.default"
#   client_secret_file = "secrets/office-app"
#   refresh_token_file = "secrets/office-refresh"
#
#   [[gateway.route]]
#   name = "office"
#   devices = ["line-4-plc"]
#   senders = ["example.com"]
#   recipients = ["example.com", ".example.net"]
#   upstreams = ["office"]
#   hold = false
`
