// Generated from crds/external-secrets.io.yaml by scripts/import.mjs: do not edit.
import { ApiObject, ApiObjectMetadata, GroupVersionKind } from 'cdk8s';
import { Construct } from 'constructs';
/**
 * A Secret that the External Secrets Operator fills from an outside store.
 *
 * @schema ExternalSecret
 */
export declare class ExternalSecret extends ApiObject {
    /**
     * Returns the apiVersion and kind for "ExternalSecret"
     */
    static readonly GVK: GroupVersionKind;
    /**
     * Renders a Kubernetes manifest for "ExternalSecret".
     *
     * This can be used to inline resource manifests inside other objects (e.g. as templates).
     *
     * @param props initialization props
     */
    static manifest(props: ExternalSecretProps): any;
    /**
     * Defines a "ExternalSecret" API object
     * @param scope the scope in which to define this object
     * @param id a scope-local name for the object
     * @param props initialization props
     */
    constructor(scope: Construct, id: string, props: ExternalSecretProps);
    /**
     * Renders the object to Kubernetes JSON.
     */
    toJson(): any;
}
/**
 * A Secret that the External Secrets Operator fills from an outside store.
 *
 * @schema ExternalSecret
 */
export interface ExternalSecretProps {
    /**
     * @schema ExternalSecret#metadata
     */
    readonly metadata?: ApiObjectMetadata;
    /**
     * What is read from which store into which Secret.
     *
     * @schema ExternalSecret#spec
     */
    readonly spec: ExternalSecretSpec;
}
/**
 * Converts an object of type 'ExternalSecretProps' to JSON representation.
 */
export declare function toJson_ExternalSecretProps(obj: ExternalSecretProps | undefined): Record<string, any> | undefined;
/**
 * What is read from which store into which Secret.
 *
 * @schema ExternalSecretSpec
 */
export interface ExternalSecretSpec {
    /**
     * Time after which the store is read again, such as 1h; 0 reads it once.
     *
     * @schema ExternalSecretSpec#refreshInterval
     */
    readonly refreshInterval?: string;
    /**
     * The store that is read.
     *
     * @schema ExternalSecretSpec#secretStoreRef
     */
    readonly secretStoreRef: ExternalSecretSpecSecretStoreRef;
    /**
     * The Secret that is written.
     *
     * @schema ExternalSecretSpec#target
     */
    readonly target: ExternalSecretSpecTarget;
    /**
     * Keys of the Secret and where their values come from.
     *
     * @schema ExternalSecretSpec#data
     */
    readonly data: ExternalSecretSpecData[];
}
/**
 * Converts an object of type 'ExternalSecretSpec' to JSON representation.
 */
export declare function toJson_ExternalSecretSpec(obj: ExternalSecretSpec | undefined): Record<string, any> | undefined;
/**
 * The store that is read.
 *
 * @schema ExternalSecretSpecSecretStoreRef
 */
export interface ExternalSecretSpecSecretStoreRef {
    /**
     * Name of the store object.
     *
     * @schema ExternalSecretSpecSecretStoreRef#name
     */
    readonly name: string;
    /**
     * Kind of the store object; SecretStore (in the same namespace) when it is left out.
     *
     * @schema ExternalSecretSpecSecretStoreRef#kind
     */
    readonly kind?: ExternalSecretSpecSecretStoreRefKind;
}
/**
 * Converts an object of type 'ExternalSecretSpecSecretStoreRef' to JSON representation.
 */
export declare function toJson_ExternalSecretSpecSecretStoreRef(obj: ExternalSecretSpecSecretStoreRef | undefined): Record<string, any> | undefined;
/**
 * The Secret that is written.
 *
 * @schema ExternalSecretSpecTarget
 */
export interface ExternalSecretSpecTarget {
    /**
     * Name of the Secret.
     *
     * @schema ExternalSecretSpecTarget#name
     */
    readonly name: string;
    /**
     * Whether the Secret is created and owned (Owner), created (Orphan), added to (Merge) or left alone (None).
     *
     * @schema ExternalSecretSpecTarget#creationPolicy
     */
    readonly creationPolicy?: ExternalSecretSpecTargetCreationPolicy;
    /**
     * What happens to the Secret when the store no longer has the value.
     *
     * @schema ExternalSecretSpecTarget#deletionPolicy
     */
    readonly deletionPolicy?: ExternalSecretSpecTargetDeletionPolicy;
    /**
     * Form of the Secret.
     *
     * @schema ExternalSecretSpecTarget#template
     */
    readonly template?: ExternalSecretSpecTargetTemplate;
}
/**
 * Converts an object of type 'ExternalSecretSpecTarget' to JSON representation.
 */
export declare function toJson_ExternalSecretSpecTarget(obj: ExternalSecretSpecTarget | undefined): Record<string, any> | undefined;
/**
 * @schema ExternalSecretSpecData
 */
export interface ExternalSecretSpecData {
    /**
     * Key in the Secret.
     *
     * @schema ExternalSecretSpecData#secretKey
     */
    readonly secretKey: string;
    /**
     * The value in the store.
     *
     * @schema ExternalSecretSpecData#remoteRef
     */
    readonly remoteRef: ExternalSecretSpecDataRemoteRef;
}
/**
 * Converts an object of type 'ExternalSecretSpecData' to JSON representation.
 */
export declare function toJson_ExternalSecretSpecData(obj: ExternalSecretSpecData | undefined): Record<string, any> | undefined;
/**
 * Kind of the store object; SecretStore (in the same namespace) when it is left out.
 *
 * @schema ExternalSecretSpecSecretStoreRefKind
 */
export type ExternalSecretSpecSecretStoreRefKind = "SecretStore" | "ClusterSecretStore";
/**
 * Whether the Secret is created and owned (Owner), created (Orphan), added to (Merge) or left alone (None).
 *
 * @schema ExternalSecretSpecTargetCreationPolicy
 */
export type ExternalSecretSpecTargetCreationPolicy = "Owner" | "Orphan" | "Merge" | "None";
/**
 * What happens to the Secret when the store no longer has the value.
 *
 * @schema ExternalSecretSpecTargetDeletionPolicy
 */
export type ExternalSecretSpecTargetDeletionPolicy = "Delete" | "Merge" | "Retain";
/**
 * Form of the Secret.
 *
 * @schema ExternalSecretSpecTargetTemplate
 */
export interface ExternalSecretSpecTargetTemplate {
    /**
     * Type of the Secret; Opaque when it is left out.
     *
     * @schema ExternalSecretSpecTargetTemplate#type
     */
    readonly type?: string;
    /**
     * Labels and annotations of the Secret.
     *
     * @schema ExternalSecretSpecTargetTemplate#metadata
     */
    readonly metadata?: ExternalSecretSpecTargetTemplateMetadata;
}
/**
 * Converts an object of type 'ExternalSecretSpecTargetTemplate' to JSON representation.
 */
export declare function toJson_ExternalSecretSpecTargetTemplate(obj: ExternalSecretSpecTargetTemplate | undefined): Record<string, any> | undefined;
/**
 * The value in the store.
 *
 * @schema ExternalSecretSpecDataRemoteRef
 */
export interface ExternalSecretSpecDataRemoteRef {
    /**
     * Name or path of the entry in the store.
     *
     * @schema ExternalSecretSpecDataRemoteRef#key
     */
    readonly key: string;
    /**
     * Field within the entry; the whole entry when it is left out.
     *
     * @schema ExternalSecretSpecDataRemoteRef#property
     */
    readonly property?: string;
    /**
     * Version of the entry; the newest when it is left out.
     *
     * @schema ExternalSecretSpecDataRemoteRef#version
     */
    readonly version?: string;
}
/**
 * Converts an object of type 'ExternalSecretSpecDataRemoteRef' to JSON representation.
 */
export declare function toJson_ExternalSecretSpecDataRemoteRef(obj: ExternalSecretSpecDataRemoteRef | undefined): Record<string, any> | undefined;
/**
 * Labels and annotations of the Secret.
 *
 * @schema ExternalSecretSpecTargetTemplateMetadata
 */
export interface ExternalSecretSpecTargetTemplateMetadata {
    /**
     * Labels of the Secret.
     *
     * @schema ExternalSecretSpecTargetTemplateMetadata#labels
     */
    readonly labels?: {
        [key: string]: string;
    };
    /**
     * Annotations of the Secret.
     *
     * @schema ExternalSecretSpecTargetTemplateMetadata#annotations
     */
    readonly annotations?: {
        [key: string]: string;
    };
}
/**
 * Converts an object of type 'ExternalSecretSpecTargetTemplateMetadata' to JSON representation.
 */
export declare function toJson_ExternalSecretSpecTargetTemplateMetadata(obj: ExternalSecretSpecTargetTemplateMetadata | undefined): Record<string, any> | undefined;
