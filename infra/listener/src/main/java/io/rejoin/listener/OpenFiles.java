package io.rejoin.listener;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** The number of files and sockets that this process may open, and has open. */
final class OpenFiles {
    static final String ADVICE = "If the limit of open files is too low, raise it: `ulimit -n` in a shell,"
            + " LimitNOFILE= for systemd, --ulimit nofile= for docker";

    private OpenFiles() {}

    /** The limit of open files; {@code Long.MAX_VALUE} when the system reports none. */
    static long limit() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                ? unix.getMaxFileDescriptorCount()
                : Long.MAX_VALUE;
    }

    static long open() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                ? unix.getOpenFileDescriptorCount()
                : 0;
    }
}
