package io.robustmq.core.meta;

/** Makes its part of the node match the image. Called in the meta service's thread; must not block for long. */
@FunctionalInterface
public interface MetaListener {
    void onImage(MetaDelta delta, MetaImage image);
}
