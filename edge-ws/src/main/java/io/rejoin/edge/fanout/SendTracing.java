package io.rejoin.edge.fanout;

import io.rejoin.edge.room.Receiver;
import io.rejoin.tracing.Step;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Traces a delivery from the outboxes, where it is queued, to the sockets. */
final class SendTracing {
    private SendTracing() {}

    /**
     * Ends a trace step once every receiver has sent the frames queued for it until now. The step notes the number of
     * receivers, and when the first one had finished.
     */
    static void endWhenSent(Step step, List<Receiver> receivers) {
        step.note("rejoin.sockets", receivers.size());
        if (receivers.isEmpty()) {
            step.end();
            return;
        }
        step.happened("queued");
        var pending = new AtomicInteger(receivers.size());
        for (var receiver : receivers) {
            receiver.whenSent(() -> {
                var stillPending = pending.decrementAndGet();
                if (stillPending == receivers.size() - 1) step.happened("first socket");
                if (stillPending == 0) step.end();
            });
        }
    }
}
