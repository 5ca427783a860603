namespace LoraRecycle.Service.Platform.Http.Errors;

/// <summary>What an exception of some part of the service is to a client; null when it is none of that part's.</summary>
internal delegate ProblemException? ExceptionTranslation(Exception exception);
