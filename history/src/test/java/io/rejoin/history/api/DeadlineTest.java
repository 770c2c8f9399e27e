package io.rejoin.history.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DeadlineTest {
    @Test
    void whoeverIsStuckInWritingGetsOut() throws Exception {
        try (var deadline = new Deadline(Duration.ofMillis(200));
                var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                var silent = new Socket(server.getInetAddress(), server.getLocalPort());
                var socket = server.accept();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var writing = threads.submit(() -> {
                try {
                    deadline.run(() -> writeForEver(socket));
                    return false;
                } catch (UncheckedIOException _) {
                    return true;
                }
            });

            assertThat(writing.get()).isTrue();
            assertThat(silent.isClosed()).isFalse();
        }
    }

    private static void writeForEver(Socket socket) {
        try {
            while (true) socket.getOutputStream().write(new byte[64 * 1024]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void whatIsDoneInTimeIsNotInterrupted() {
        try (var deadline = new Deadline(Duration.ofMinutes(1))) {
            deadline.run(() -> {});

            assertThat(Thread.currentThread().isInterrupted()).isFalse();
        }
    }
}
