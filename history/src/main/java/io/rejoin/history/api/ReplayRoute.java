package io.rejoin.history.api;

import io.rejoin.contracts.env.LogThrottle;
import io.rejoin.contracts.replay.ReplayCodec;
import io.rejoin.history.api.ApiMeters.Refusal;
import io.rejoin.history.store.StoreException;
import io.rejoin.listener.http.Answer;
import io.rejoin.listener.http.RequestHead;
import io.rejoin.listener.http.RequestRefused;
import io.rejoin.listener.http.Site;
import java.time.Duration;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code GET /v1/messages}: a page of a room's messages, ascending by seq, as a
 * {@link io.rejoin.contracts.replay.ReplayPage}.
 *
 * <ul>
 * <li>{@code room}: the room's key, {@code tenant/name}
 * <li>{@code epoch}: the room's epoch; the latest if absent
 * <li>{@code after}: the page has the first messages beyond this seq; by default 0 if {@code to} is given
 * <li>{@code to}: the page has no message beyond this seq
 * <li>{@code before}: the page has the last messages before this seq; not allowed together with {@code after} or
 * {@code to}
 * <li>{@code limit}: the most messages in the page, 1 to 500, by default 100
 * <li>{@code wait_ms}: how long to wait, in milliseconds, until {@code to} is stored or the page is full; 0 to 30,000,
 * by default 0; not allowed without {@code to}
 * </ul>
 *
 * <p>Without {@code after}, {@code to} and {@code before}, the page has the room's last messages.
 *
 * <p>A page may have fewer messages than the limit although there are more, because of {@link ReplayCodec#PAGE_BYTES}.
 * Then {@code next} is set.
 *
 * <p>Status 400 names the invalid parameter. Status 503 means that the same request may succeed later.
 */
final class ReplayRoute implements Site {
    private static final Logger log = LoggerFactory.getLogger(ReplayRoute.class);

    private final ReplayService replayService;
    private final ApiMeters meters;
    private final LogThrottle unavailableLog = new LogThrottle(Duration.ofSeconds(10));
    private final LogThrottle failureLog = new LogThrottle(Duration.ofSeconds(10));

    ReplayRoute(ReplayService replayService, ApiMeters meters) {
        this.replayService = replayService;
        this.meters = meters;
    }

    @Override
    public void answer(RequestHead request, Reply reply) throws RequestRefused, InterruptedException {
        try {
            var query = ReplayParameters.parse(request.target());
            replayService.answer(query, page -> reply.send(Answer.json(200, ReplayCodec.write(page))));
        } catch (BadParameterException e) {
            meters.countRefusal(Refusal.INVALID_PARAMETER);
            reply.send(Answer.refusal(400, "invalid_parameter", Objects.requireNonNull(e.getMessage())));
        } catch (PagePermits.NoPermitException _) {
            meters.countRefusal(Refusal.OVERLOADED);
            reply.send(retryLater("overloaded", "this instance already serves too many pages; try again"));
        } catch (WaitingRequests.TooManyWaitersException _) {
            meters.countRefusal(Refusal.OVERLOADED);
            reply.send(
                    retryLater("overloaded", "too many requests wait at this instance; try again, or lower wait_ms"));
        } catch (StoreException.Unavailable e) {
            meters.countRefusal(Refusal.UNAVAILABLE);
            var requests = unavailableLog.count(System.nanoTime());
            if (requests > 0)
                log.atWarn().addKeyValue("requests", requests).addKeyValue("cause", e)
                        .log("replay fails: PostgreSQL does not answer");
            reply.send(retryLater("unavailable", "history's database does not answer; try again"));
        } catch (StoreException e) {
            meters.countRefusal(Refusal.INTERNAL);
            var requests = failureLog.count(System.nanoTime());
            if (requests > 0)
                log.atError().addKeyValue("requests", requests).setCause(e)
                        .log("replay fails: PostgreSQL reports an error that a retry does not fix; check its tables"
                                + " and rights");
            reply.send(Answer.refusal(500, "internal", "history cannot read its database; see the log of history"));
        }
    }

    private static Answer retryLater(String code, String message) {
        return Answer.refusal(503, code, message).with("Retry-After", "1");
    }
}
