# Speaks sd_notify: datagrams to the socket in NOTIFY_SOCKET. In other languages, a library of a few lines does the same.
use strict;
use warnings;
use Socket;

$| = 1;
my $path = $ENV{NOTIFY_SOCKET};
socket(my $socket, PF_UNIX, SOCK_DGRAM, 0) or die "socket: $!";

sub notify {
    my ($message) = @_;
    return unless defined $path;
    send($socket, $message, 0, pack_sockaddr_un($path)) or print "not heard: $!\n";
}

# Signs of life, twice as often as they are asked for.
my $pause = ($ENV{WATCHDOG_USEC} // 20_000_000) / 2_000_000;
my $ended = 0;
$SIG{INT} = $SIG{TERM} = sub { $ended = 1 };

notify("STATUS=opening the queue");
select undef, undef, undef, 0.2;
notify("READY=1\nSTATUS=waiting for jobs");
print "ready\n";

my $rounds = 0;
until ($ended) {
    select undef, undef, undef, $pause;
    $rounds++;
    notify("WATCHDOG=1\nSTATUS=waited $rounds times");
}
notify("STOPPING=1");
print "bye\n";
