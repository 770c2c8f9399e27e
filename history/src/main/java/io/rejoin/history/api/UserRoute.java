package io.rejoin.history.api;

import io.rejoin.contracts.UserId;
import io.rejoin.contracts.replay.ReplayCodec;
import io.rejoin.history.store.Erasure;
import io.rejoin.history.store.ErasureStore;
import io.rejoin.history.store.StoreException;
import io.rejoin.listener.http.Answer;
import io.rejoin.listener.http.RequestHead;
import io.rejoin.listener.http.RequestRefused;
import io.rejoin.listener.http.Site;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code /v1/users/{tenant}/{user}}: erases a user. DELETE requests the erasure of all messages that the user sent, and
 * of all messages in the user's personal room. GET returns the progress. Both answer with
 * {@code {user, state: running|done, until, messages, progress}}: status 202 while the erasure runs, 200 when it is
 * done. Another DELETE while the erasure runs changes nothing. After it is done, a DELETE starts it again, for newer
 * messages.
 */
final class UserRoute implements Site {
    private static final Logger log = LoggerFactory.getLogger(UserRoute.class);

    private final ErasureStore erasureStore;
    private final boolean hasSecret;

    /** @param hasSecret whether callers need a secret; without one, nobody may request an erasure */
    UserRoute(ErasureStore erasureStore, boolean hasSecret) {
        this.erasureStore = erasureStore;
        this.hasSecret = hasSecret;
    }

    @Override
    public void answer(RequestHead request, Reply reply) throws RequestRefused {
        if (!request.reads() && !request.method().equals("DELETE")) throw RequestRefused.method("DELETE, GET, HEAD");
        var key = request.target().path().substring(ReplayCodec.USERS_PATH.length());
        try {
            reply.send(request.reads() ? showProgress(UserId.of(key)) : requestErasure(UserId.of(key)));
        } catch (IllegalArgumentException e) {
            reply.send(
                    Answer.refusal(400, "invalid_user", "the path must end with tenant/user: " + e.getMessage()));
        } catch (StoreException.Unavailable e) {
            log.atWarn().addKeyValue("cause", e).log("a request about an erasure fails: PostgreSQL does not answer");
            reply.send(Answer.refusal(503, "unavailable", "history's database does not answer; try again")
                    .with("Retry-After", "1"));
        }
    }

    private Answer showProgress(UserId user) {
        return erasureStore.find(user).map(UserRoute::toAnswer)
                .orElseGet(() -> Answer.refusal(404, "not_found", "no erasure of this user was requested"));
    }

    private Answer requestErasure(UserId user) {
        if (!hasSecret)
            return Answer.refusal(403, "forbidden", "erasure is disabled: set HISTORY_API_SECRET on history first");
        var erasure = erasureStore.request(user);
        log.atInfo().addKeyValue("user", user.key()).addKeyValue("until", erasure.until())
                .log("audit: erasure of a user is requested");
        return toAnswer(erasure);
    }

    private static Answer toAnswer(Erasure erasure) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("user", erasure.user().key());
        body.put("state", erasure.isDone() ? "done" : "running");
        body.put("until", erasure.until());
        body.put("messages", erasure.messages());
        body.put("progress", Math.round(erasure.progress() * 1_000) / 1_000.0);
        return Answer.json(erasure.isDone() ? 200 : 202, body);
    }
}
