// Generated from crds/kagent.dev.yaml by scripts/import.mjs: do not edit.
import { ApiObject, ApiObjectMetadata, GroupVersionKind } from 'cdk8s';
import { Construct } from 'constructs';
/**
 * A language model that kagent's agents may use.
 *
 * @schema ModelConfig
 */
export declare class ModelConfig extends ApiObject {
    /**
     * Returns the apiVersion and kind for "ModelConfig"
     */
    static readonly GVK: GroupVersionKind;
    /**
     * Renders a Kubernetes manifest for "ModelConfig".
     *
     * This can be used to inline resource manifests inside other objects (e.g. as templates).
     *
     * @param props initialization props
     */
    static manifest(props: ModelConfigProps): any;
    /**
     * Defines a "ModelConfig" API object
     * @param scope the scope in which to define this object
     * @param id a scope-local name for the object
     * @param props initialization props
     */
    constructor(scope: Construct, id: string, props: ModelConfigProps);
    /**
     * Renders the object to Kubernetes JSON.
     */
    toJson(): any;
}
/**
 * A language model that kagent's agents may use.
 *
 * @schema ModelConfig
 */
export interface ModelConfigProps {
    /**
     * @schema ModelConfig#metadata
     */
    readonly metadata?: ApiObjectMetadata;
    /**
     * Provider, model, and where the API key is kept.
     *
     * @schema ModelConfig#spec
     */
    readonly spec: ModelConfigSpec;
}
/**
 * Converts an object of type 'ModelConfigProps' to JSON representation.
 */
export declare function toJson_ModelConfigProps(obj: ModelConfigProps | undefined): Record<string, any> | undefined;
/**
 * Provider, model, and where the API key is kept.
 *
 * @schema ModelConfigSpec
 */
export interface ModelConfigSpec {
    /**
     * The provider's name of the model.
     *
     * @schema ModelConfigSpec#model
     */
    readonly model: string;
    /**
     * Who serves the model.
     *
     * @schema ModelConfigSpec#provider
     */
    readonly provider: ModelConfigSpecProvider;
    /**
     * Name of the Secret with the API key, in the same namespace.
     *
     * @schema ModelConfigSpec#apiKeySecret
     */
    readonly apiKeySecret?: string;
    /**
     * Key within that Secret.
     *
     * @schema ModelConfigSpec#apiKeySecretKey
     */
    readonly apiKeySecretKey?: string;
    /**
     * Settings of the provider Anthropic.
     *
     * @schema ModelConfigSpec#anthropic
     */
    readonly anthropic?: ModelConfigSpecAnthropic;
    /**
     * Settings of the provider OpenAI, and of whatever speaks its API.
     *
     * @schema ModelConfigSpec#openAI
     */
    readonly openAI?: ModelConfigSpecOpenAi;
    /**
     * Settings of the provider AzureOpenAI.
     *
     * @schema ModelConfigSpec#azureOpenAI
     */
    readonly azureOpenAI?: ModelConfigSpecAzureOpenAi;
    /**
     * Settings of the provider Ollama, which needs no API key.
     *
     * @schema ModelConfigSpec#ollama
     */
    readonly ollama?: ModelConfigSpecOllama;
}
/**
 * Converts an object of type 'ModelConfigSpec' to JSON representation.
 */
export declare function toJson_ModelConfigSpec(obj: ModelConfigSpec | undefined): Record<string, any> | undefined;
/**
 * Who serves the model.
 *
 * @schema ModelConfigSpecProvider
 */
export type ModelConfigSpecProvider = "Anthropic" | "OpenAI" | "AzureOpenAI" | "Ollama" | "Gemini" | "GeminiVertexAI" | "AnthropicVertexAI" | "Bedrock" | "SAPAICore" | "Foundry";
/**
 * Settings of the provider Anthropic.
 *
 * @schema ModelConfigSpecAnthropic
 */
export interface ModelConfigSpecAnthropic {
    /**
     * Address of the API, in place of the provider's own.
     *
     * @schema ModelConfigSpecAnthropic#baseUrl
     */
    readonly baseUrl?: string;
    /**
     * Most tokens of one answer.
     *
     * @schema ModelConfigSpecAnthropic#maxTokens
     */
    readonly maxTokens?: number;
    /**
     * Sampling temperature, a decimal number in quotes.
     *
     * @schema ModelConfigSpecAnthropic#temperature
     */
    readonly temperature?: string;
    /**
     * Share of the probability mass that is sampled, a decimal number in quotes.
     *
     * @schema ModelConfigSpecAnthropic#topP
     */
    readonly topP?: string;
    /**
     * Number of most likely tokens that are sampled.
     *
     * @schema ModelConfigSpecAnthropic#topK
     */
    readonly topK?: number;
}
/**
 * Converts an object of type 'ModelConfigSpecAnthropic' to JSON representation.
 */
export declare function toJson_ModelConfigSpecAnthropic(obj: ModelConfigSpecAnthropic | undefined): Record<string, any> | undefined;
/**
 * Settings of the provider OpenAI, and of whatever speaks its API.
 *
 * @schema ModelConfigSpecOpenAi
 */
export interface ModelConfigSpecOpenAi {
    /**
     * Address of the API, in place of the provider's own.
     *
     * @schema ModelConfigSpecOpenAi#baseUrl
     */
    readonly baseUrl?: string;
    /**
     * Organisation the requests are billed to.
     *
     * @schema ModelConfigSpecOpenAi#organization
     */
    readonly organization?: string;
    /**
     * Most tokens of one answer.
     *
     * @schema ModelConfigSpecOpenAi#maxTokens
     */
    readonly maxTokens?: number;
    /**
     * Sampling temperature, a decimal number in quotes.
     *
     * @schema ModelConfigSpecOpenAi#temperature
     */
    readonly temperature?: string;
    /**
     * Share of the probability mass that is sampled, a decimal number in quotes.
     *
     * @schema ModelConfigSpecOpenAi#topP
     */
    readonly topP?: string;
}
/**
 * Converts an object of type 'ModelConfigSpecOpenAi' to JSON representation.
 */
export declare function toJson_ModelConfigSpecOpenAi(obj: ModelConfigSpecOpenAi | undefined): Record<string, any> | undefined;
/**
 * Settings of the provider AzureOpenAI.
 *
 * @schema ModelConfigSpecAzureOpenAi
 */
export interface ModelConfigSpecAzureOpenAi {
    /**
     * Address of the Azure resource.
     *
     * @schema ModelConfigSpecAzureOpenAi#azureEndpoint
     */
    readonly azureEndpoint: string;
    /**
     * Version of the Azure API, a date.
     *
     * @schema ModelConfigSpecAzureOpenAi#apiVersion
     */
    readonly apiVersion: string;
    /**
     * Name of the deployment that serves the model.
     *
     * @schema ModelConfigSpecAzureOpenAi#azureDeployment
     */
    readonly azureDeployment?: string;
    /**
     * Most tokens of one answer.
     *
     * @schema ModelConfigSpecAzureOpenAi#maxTokens
     */
    readonly maxTokens?: number;
    /**
     * Sampling temperature, a decimal number in quotes.
     *
     * @schema ModelConfigSpecAzureOpenAi#temperature
     */
    readonly temperature?: string;
    /**
     * Share of the probability mass that is sampled, a decimal number in quotes.
     *
     * @schema ModelConfigSpecAzureOpenAi#topP
     */
    readonly topP?: string;
}
/**
 * Converts an object of type 'ModelConfigSpecAzureOpenAi' to JSON representation.
 */
export declare function toJson_ModelConfigSpecAzureOpenAi(obj: ModelConfigSpecAzureOpenAi | undefined): Record<string, any> | undefined;
/**
 * Settings of the provider Ollama, which needs no API key.
 *
 * @schema ModelConfigSpecOllama
 */
export interface ModelConfigSpecOllama {
    /**
     * Address of the Ollama server.
     *
     * @schema ModelConfigSpecOllama#host
     */
    readonly host?: string;
    /**
     * Options of the model, such as num_ctx; every value is text.
     *
     * @schema ModelConfigSpecOllama#options
     */
    readonly options?: {
        [key: string]: string;
    };
}
/**
 * Converts an object of type 'ModelConfigSpecOllama' to JSON representation.
 */
export declare function toJson_ModelConfigSpecOllama(obj: ModelConfigSpecOllama | undefined): Record<string, any> | undefined;
