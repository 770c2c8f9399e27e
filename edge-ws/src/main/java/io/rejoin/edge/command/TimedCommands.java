package io.rejoin.edge.command;

import io.rejoin.contracts.log.Command;
import io.rejoin.edge.metrics.SessionMeters;
import io.rejoin.tracing.Step;
import java.time.Duration;

/** Measures how long another {@link Commands} takes to append, and counts its unknown outcomes. */
public final class TimedCommands implements Commands {
    private final Commands commands;
    private final SessionMeters meters;

    public TimedCommands(Commands commands, SessionMeters meters) {
        this.commands = commands;
        this.meters = meters;
    }

    @Override
    public boolean append(Command.OfRoom command, int bytes, Step parentStep, AppendCallback callback) {
        var start = System.nanoTime();
        return commands.append(command, bytes, parentStep, failure -> {
            if (failure == null) meters.recordAppend(Duration.ofNanos(System.nanoTime() - start));
            else
                meters.countFailedAppend();
            callback.onCompletion(failure);
        });
    }

    @Override
    public boolean isClosed() {
        return commands.isClosed();
    }
}
