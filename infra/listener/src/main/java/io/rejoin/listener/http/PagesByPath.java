package io.rejoin.listener.http;

import java.util.Map;
import java.util.function.Supplier;

/** A site that answers GET and HEAD by the path alone. */
public final class PagesByPath implements Site {
    private final Map<String, Supplier<Answer>> pages;

    /** @param pages by path, without a slash at the end */
    public PagesByPath(Map<String, Supplier<Answer>> pages) {
        this.pages = Map.copyOf(pages);
    }

    @Override
    public void answer(RequestHead request, Reply reply) throws RequestRefused {
        reply.send(answer(request));
    }

    private Answer answer(RequestHead request) throws RequestRefused {
        if (!request.reads()) throw RequestRefused.method("GET, HEAD");
        var page = pages.get(request.target().path());
        if (page == null) throw RequestRefused.nothingThere();
        return page.get();
    }
}
