package io.rejoin.router.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.Content;
import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.log.Command;
import io.rejoin.contracts.log.CommandBatch;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * Measures the memory of empty rooms, in its own process. Ten million fit in 1.2 GB, so a million in a tenth of it.
 */
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock("beside")
class EmptyRoomsMemoryTest {
    private static final int ROOMS = 1_000_000;
    private static final String HEAP = "-Xmx120m";
    private static final EdgeRef EDGE = new EdgeRef("edge-0123456789abcdef", 1, 0);

    @Test
    void anEmptyRoomTakesLessThan100BytesAlsoDuringARestore() throws Exception {
        var java = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), HEAP,
                "-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path"), EmptyRoomsMemoryTest.class.getName())
                .redirectErrorStream(true).start();
        var output = new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(java.waitFor(5, TimeUnit.MINUTES)).isTrue();
        assertThat(java.exitValue()).as(output).isZero();
        assertThat(
                output.lines().filter(line -> line.startsWith("bytes ")).map(line -> Long.parseLong(line.substring(6))))
                .as(output).hasSize(2).allMatch(bytes -> bytes < 100);
    }

    /** Restores the rooms, then uses some of them; prints the bytes per room. */
    public static void main(String[] arguments) throws IOException {
        var usedBefore = usedMemory();
        var restorer = new Shard.Restorer(0);
        for (var n = 0; n < ROOMS; n++) { // each room had a member that left, and every tenth has a cursor
            var room = room(n);
            var user = new UserId("default", "user-" + n);
            var member = new Member(user, EDGE);
            restorer.add(new StateEntry.OfMember(room, new ConnectionId("c" + n), member));
            restorer.add(new StateEntry.OfRoom(room,
                    new StateEntry.Progress(1_767_225_600_000L + n, 1 + n % 1_000, 2, 1_767_225_900_000L + n)));
            if (n % 10 == 0) restorer.add(new StateEntry.OfCursor(room, user, 1));
            restorer.add(new StateEntry.OfMember(room, new ConnectionId("c" + n), null));
        }
        var shard = restorer.shard();
        System.out.println("bytes " + (usedMemory() - usedBefore) / ROOMS);
        for (var n = 0; n < ROOMS; n += 10) {
            var post = new Command.Post(room(n), new UserId("default", "ann"), new ConnectionId("c"), EDGE, null,
                    Content.text("hi"));
            var _ = shard.apply(n, 1_767_300_000_000L + n, new CommandBatch(2, List.of(post)));
            if (n % 1_000 == 0) shard.takeChanges();
        }
        shard.takeChanges();
        System.out.println("bytes " + (usedMemory() - usedBefore) / ROOMS);
    }

    private static RoomId room(int number) {
        // 7,919 is a prime: every number occurs once, in a mixed order
        return new RoomId("default", "room-" + number * 7_919L % ROOMS);
    }

    private static long usedMemory() {
        for (var n = 0; n < 3; n++) System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}
