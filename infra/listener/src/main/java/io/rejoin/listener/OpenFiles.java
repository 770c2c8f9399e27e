package io.rejoin.listener;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** How many files and sockets this process may have open, and has. */
final class OpenFiles {
    static final String ADVICE = "If files are what is missing, raise the limit of open files: `ulimit -n` in a shell,"
            + " LimitNOFILE= for systemd, --ulimit nofile= for docker";

    private OpenFiles() {}

    /** Where the system tells no limit, there is none. */
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
