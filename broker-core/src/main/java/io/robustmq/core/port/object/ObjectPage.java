package io.robustmq.core.port.object;

import java.util.List;

/** Objects in the order of their names; {@code more} if there are others behind the last one. */
public record ObjectPage(List<ObjectInfo> objects, boolean more) {
    public ObjectPage {
        objects = List.copyOf(objects);
        if (more && objects.isEmpty()) {
            throw new IllegalArgumentException("an empty page cannot be continued");
        }
    }
}
